/** Address of a file of a release. */
export function assetHref(place: { org: string; repo: string; release: string; asset: string }): string {
  return `/api/orgs/${encodeURIComponent(place.org)}/repositories/${encodeURIComponent(place.repo)}/releases/${encodeURIComponent(place.release)}/assets/${encodeURIComponent(place.asset)}`;
}
