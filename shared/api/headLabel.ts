/** The source branch of a pull request as people name it: of a fork with the fork in front, `mine:feature`. No name of a branch has a colon. */
export function headLabel({ sourceRepository, sourceBranch }: { readonly sourceRepository?: string | undefined; readonly sourceBranch: string }): string {
  return sourceRepository === undefined ? sourceBranch : `${sourceRepository}:${sourceBranch}`;
}

/** What {@link headLabel} says, read back. */
export function parseHeadLabel(label: string): { readonly sourceRepository?: string; readonly sourceBranch: string } {
  const colon = label.indexOf(':');
  return colon < 0 ? { sourceBranch: label } : { sourceRepository: label.slice(0, colon), sourceBranch: label.slice(colon + 1) };
}
