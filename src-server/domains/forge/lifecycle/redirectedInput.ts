import { isPlainObject } from '#shared/kind/paths';
import { Repository } from '#shared/kinds/forge/repository';
import { SYSTEM_ACTOR } from '../../../resources/actor';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { findRedirect } from './redirects';

/**
 * The input of a procedure with the present address of the repository that it names by an earlier one, in `repository` or by the name of
 * a pull request in `pr`. Undefined when it names none that has moved to where whoever asks may see it.
 */
export async function redirectedInput(resources: ResourceClient, input: unknown): Promise<{ input: unknown; address: string } | undefined> {
  if (!isPlainObject(input) || typeof input.org !== 'string') return undefined;
  const { org, repository, pr } = input;
  if (typeof repository === 'string') {
    const to = await movedTo(resources, { org, name: repository });
    return to === undefined ? undefined : { input: { ...input, org: to.org, repository: to.name }, address: `${to.org}/${to.name}` };
  }
  const [, name, number] = typeof pr === 'string' ? (/^(.+)-(\d+)$/.exec(pr) ?? []) : [];
  if (name === undefined || number === undefined) return undefined;
  const to = await movedTo(resources, { org, name });
  return to === undefined ? undefined : { input: { ...input, org: to.org, pr: `${to.name}-${number}` }, address: `${to.org}/${to.name}` };
}

async function movedTo(resources: ResourceClient, ref: ObjectRef): Promise<ObjectRef | undefined> {
  const system = resources.as(SYSTEM_ACTOR);
  if ((await findObject(system, Repository, ref)) !== undefined) return undefined;
  const to = await findRedirect({ resources: system }, ref);
  return to === undefined || (await findObject(resources, Repository, to)) === undefined ? undefined : to;
}
