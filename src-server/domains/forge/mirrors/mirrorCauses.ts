import { isStatusError, type StatusCause } from '#shared/api/status';
import { jsonEqual } from '#shared/kind/equality';
import { durationMs } from '#shared/kind/durations';
import { Repository } from '#shared/kinds/forge/repository';
import { requireAlso } from '../../../resources/requireAlso';
import type { StrategyContext } from '../../../resources/strategy';
import { mirrorPatterns } from '../git/remotes/mirrorRefs';
import type { RepositoryObject } from '../repositories/openRepository';
import type { RepositoryStrategyDeps } from '../repositories/repositoryStrategy';

const MINUTE_MS = 60_000;

/**
 * What is wrong with how a repository is to be mirrored. Changing it takes an administrator of the repository, and naming a Secret whoever
 * may use that: the host that it is shown to is theirs to choose.
 */
export async function mirrorCauses(deps: Pick<RepositoryStrategyDeps, 'importProblem' | 'secretKind'>, object: RepositoryObject, ctx: StrategyContext<typeof Repository>): Promise<StatusCause[]> {
  const { mirror } = object.spec;
  const before = ctx.current?.spec.mirror;
  if (jsonEqual(mirror, before)) return [];
  if (ctx.current !== undefined) await requireAlso(ctx, 'mirror', { kind: Repository, org: ctx.org, name: object.metadata.name });
  if (mirror === undefined) return [];
  if (mirror.credential !== undefined) await requireAlso(ctx, 'use-secret', { kind: deps.secretKind, org: ctx.org, name: mirror.credential.secretName });
  const causes: StatusCause[] = [];
  const invalid = (field: string, message: string): void => {
    causes.push({ code: 'FieldValueInvalid', field: `spec.mirror.${field}`, message });
  };
  if (durationMs(mirror.interval, 0) < MINUTE_MS) invalid('interval', 'at least one minute: 1m');
  if (hasCredentials(mirror.url)) invalid('url', 'leave user and password out of the address: it is shown with the repository. Name a Secret that holds them');
  else if (mirror.url !== before?.url) {
    const problem = await deps.importProblem(mirror.url, mirror.credential !== undefined);
    if (problem !== undefined) invalid('url', problem);
  }
  try {
    mirrorPatterns(mirror.refs);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    invalid('refs', error.message);
  }
  const becomesCopy = mirror.direction === 'pull' && before?.direction !== 'pull' && ctx.current !== undefined;
  if (becomesCopy && ctx.current?.status?.empty === false) invalid('direction', 'a repository that has commits cannot become a copy of another: they would be overwritten. Create a new one');
  if (mirror.direction === 'pull' && object.spec.importFrom !== undefined && ctx.current === undefined) invalid('direction', 'a pull mirror is filled by its first sync; leave importFrom out');
  return causes;
}

/** A password; or, of a web address, a user: tokens are written as one. */
export function hasCredentials(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  return password !== '' || (username !== '' && /^https?:$/.test(protocol));
}
