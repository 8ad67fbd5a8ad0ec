import { formatFieldRequirement } from '#shared/kind/selectors';

/** The field selector of the issues that are numbered in a repository, which is the first that they name; of one number, of that alone. */
export function issueSelector(repository: string, number?: string): string {
  return [formatFieldRequirement('spec.repositories[0]', '=', repository), ...(number === undefined ? [] : [formatFieldRequirement('spec.number', '=', number)])].join(',');
}
