import type { RepositoryObject } from '../repositories/openRepository';

const RANK = { private: 0, internal: 1, public: 2 } as const;
export type Visibility = keyof typeof RANK;

/** How visible a fork may be: as its parent within the organization, and in another one private unless the parent is public. */
export function mostVisible(parent: Pick<RepositoryObject, 'spec'>, org: string): Visibility {
  const { visibility, organizationRef } = parent.spec;
  return visibility === 'public' || organizationRef === org ? visibility : 'private';
}

export function isMoreVisible(visibility: Visibility, limit: Visibility): boolean {
  return RANK[visibility] > RANK[limit];
}
