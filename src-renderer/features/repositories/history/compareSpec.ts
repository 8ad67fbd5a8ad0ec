/** What is compared with what: `base...head` is what head brought since they parted, `base..head` all that differs. */
export interface CompareSpec {
  readonly base: string;
  readonly head: string;
  readonly direct: boolean;
}

/** Reads the last step of a compare address. A name alone is compared with the default branch. */
export function parseCompareSpec(spec: string, defaultBranch: string): CompareSpec {
  // No name of a branch, tag or commit has two dots in a row.
  const [, base, dots, head] = /^(.*?)(\.{2,3})(.*)$/.exec(spec) ?? [];
  if (dots === undefined) return { base: defaultBranch, head: spec === '' ? defaultBranch : spec, direct: false };
  return { base: base === undefined || base === '' ? defaultBranch : base, head: head === undefined || head === '' ? defaultBranch : head, direct: dots === '..' };
}

export function formatCompareSpec({ base, head, direct }: CompareSpec): string {
  return `${base}${direct ? '..' : '...'}${head}`;
}

/** Address of the changes as text. */
export function patchHref(place: { org: string; repo: string }, spec: string, format: 'patch' | 'diff'): string {
  return `/api/orgs/${encodeURIComponent(place.org)}/repositories/${encodeURIComponent(place.repo)}/patches/${spec.split('/').map(encodeURIComponent).join('/')}.${format}`;
}
