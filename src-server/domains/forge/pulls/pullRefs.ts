/** Where a pull request's head is kept, for `git fetch origin pull/N/head` and when its branch is gone. Nobody pushes to it. */
export function pullHeadRef(number: number): string {
  return `refs/pull/${number}/head`;
}

/** Prefix of the heads that force pushes left behind; nobody sees them. */
export function pastHeadRefs(number: number): string {
  return `refs/kradle/pull/${number}/`;
}
