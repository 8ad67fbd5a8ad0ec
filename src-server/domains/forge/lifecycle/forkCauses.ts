import type { StatusCause } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import type { StrategyContext } from '../../../resources/strategy';
import type { RepositoryObject } from '../repositories/openRepository';
import { isMoreVisible, mostVisible } from './forkVisibility';

/** A fork is never seen by more people than what it was forked from, as long as that is there. */
export async function forkCauses(object: RepositoryObject, { current, org, resources }: Pick<StrategyContext<typeof Repository>, 'current' | 'org' | 'resources'>): Promise<StatusCause[]> {
  const { forkOf, visibility } = object.spec;
  if (forkOf === undefined || (current !== undefined && !isMoreVisible(visibility, current.spec.visibility))) return [];
  const parent = await resources.find(Repository, { org: forkOf.organization, name: forkOf.repository });
  const limit = parent === undefined ? 'private' : mostVisible(parent, org);
  if (!isMoreVisible(visibility, limit)) return [];
  return [{ code: 'FieldValueForbidden', field: 'spec.visibility', message: `it is a fork: here it is at most ${limit}, so that nobody sees it who may not see what it was forked from` }];
}
