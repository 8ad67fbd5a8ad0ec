import { createContext, use } from 'react';
import type { ObjectByPlural } from '../../api/liveList';

export type RepositoryObject = ObjectByPlural<'repositories'>;

export interface OpenRepository {
  readonly org: string;
  readonly repo: string;
  readonly object: RepositoryObject;
  readonly defaultBranch: string;
}

export const RepositoryContext = createContext<OpenRepository | undefined>(undefined);

/** The repository of the page. Only under RepositoryLayout. */
export function useRepository(): OpenRepository {
  const repository = use(RepositoryContext);
  if (repository === undefined) throw new Error('useRepository needs RepositoryLayout around it');
  return repository;
}
