/**
 * Orders two resource versions: negative when `a` is older. Clients may do this only to keep a cache from going back in time;
 * for everything else a version is opaque. An empty version is older than any.
 */
export function compareResourceVersions(a: string, b: string): number {
  const [left, right] = [digitsOf(a), digitsOf(b)];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** Without zeros in front, so that the longer number is the larger one, and of two that are as long the one that sorts behind. None for what is no number. */
function digitsOf(version: string): string {
  if (!/^\d+$/.test(version)) return '';
  return version.startsWith('0') ? version.replace(/^0+/, '') : version;
}
