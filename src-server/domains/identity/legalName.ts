import { objectName } from '#shared/kind/objectMeta';

/** What cannot be a name is made one; a name stays as it is. Source: seeds, 003 section 4. */
export function legalName(name: string, normalize: (name: string) => string): string {
  return objectName.safeParse(name).success ? name : normalize(name) || name;
}
