import { Repository } from '#shared/kinds/forge/repository';
import type { RepositoryAddress } from '#shared/kinds/forge/repositoryOrigin';
import type { ResourceClient } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import type { RepositoryObject } from '../repositories/openRepository';

/** Forks of forks of forks: what is longer is a circle that somebody wrote. */
const MAX_HOPS = 20;

/** Whether two repositories come from the same one, however many forks lie between: the first of each may be gone. `resources` acts for the system. */
export async function isSameNetwork(resources: ResourceClient, one: RepositoryObject, other: RepositoryObject): Promise<boolean> {
  const [left, right] = [await rootAddress(resources, one), await rootAddress(resources, other)];
  return left.organization === right.organization && left.repository === right.repository;
}

async function rootAddress(resources: ResourceClient, { metadata, spec }: RepositoryObject): Promise<RepositoryAddress> {
  let address: RepositoryAddress = { organization: spec.organizationRef, repository: metadata.name };
  let next = spec.forkOf;
  for (let hops = 0; next !== undefined && hops < MAX_HOPS; hops += 1) {
    address = next;
    next = (await findObject(resources, Repository, { org: address.organization, name: address.repository }))?.spec.forkOf;
  }
  return address;
}
