import type { StatusCause } from '#shared/api/status';

/** A repository's name is a part of its address, which ends in `.git`, and a folder's name. */
export function nameCauses(name: string): StatusCause[] {
  const invalid = (message: string): StatusCause[] => [{ code: 'FieldValueInvalid', field: 'metadata.name', message }];
  if (name.length > 100) return invalid('a repository\'s name has at most 100 characters');
  if (name.endsWith('.git')) return invalid(`leave ".git" out of the name: "${name.slice(0, -4)}" is reached with and without it`);
  if (name.includes('..')) return invalid('a repository\'s name has no two dots in a row');
  // Folders under this mark are cleared away when the server starts.
  return name.includes('.kradle-tmp-') ? invalid('".kradle-tmp-" cannot be a part of a repository\'s name') : [];
}
