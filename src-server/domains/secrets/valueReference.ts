import type { KradleObject } from '#shared/kind/defineKind';

/** Where a value is: the SecretValues object that holds it, and its size. */
export interface ValueReference {
  readonly bundle: string;
  readonly sizeBytes: number;
}

/** A secret's object carries references in place of values, so that a changed value is a changed object to everything that looks at one. */
export function formatReference({ bundle, sizeBytes }: ValueReference): string {
  return `${bundle} ${sizeBytes}`;
}

/** Undefined for what is no reference. */
export function parseReference(text: string | undefined): ValueReference | undefined {
  const match = /^(?<bundle>[a-z0-9-]+) (?<size>\d+)$/.exec(text ?? '');
  return match?.groups === undefined ? undefined : { bundle: match.groups.bundle ?? '', sizeBytes: Number(match.groups.size) };
}

/** Every SecretValues object that a secret needs, for its present values or for earlier ones. */
export function bundlesOf(secret: Pick<KradleObject, 'spec'> & { spec: { data?: Record<string, string>; versions?: readonly { data: Record<string, string> }[] } }): Set<string> {
  const maps = [secret.spec.data ?? {}, ...(secret.spec.versions ?? []).map(({ data }) => data)];
  return new Set(maps.flatMap((map) => Object.values(map)).flatMap((text) => parseReference(text)?.bundle ?? []));
}
