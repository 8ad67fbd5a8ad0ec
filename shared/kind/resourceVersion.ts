/**
 * Orders two resource versions: negative when `a` is older. Clients may do this only to keep a cache from going back in time;
 * for everything else a version is opaque. An empty version is older than any.
 */
export function compareResourceVersions(a: string, b: string): number {
  const [left, right] = [toRevision(a), toRevision(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function toRevision(version: string): bigint {
  return /^\d+$/.test(version) ? BigInt(version) : 0n;
}
