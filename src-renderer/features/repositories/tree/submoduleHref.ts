/** Where a submodule's commit can be looked at; undefined when its address is none of the web. */
export function submoduleHref(url: string | undefined, at: { org: string; repo: string; sha: string; base: string }): { href: string; here: boolean } | undefined {
  if (url === undefined) return undefined;
  const own = `${at.base}/${at.org}/${at.repo}.git`;
  const absolute = /^\.\.?\//.test(url) ? resolveRelative(own, url) : url.replace(/^(?:ssh:\/\/)?git@([^/:]+)[:/]/, 'https://$1/');
  const inside = absolute.startsWith(`${at.base}/`) ? /^([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(absolute.slice(at.base.length + 1)) : null;
  if (inside?.[1] !== undefined && inside[2] !== undefined) return { href: `/o/${encodeURIComponent(inside[1])}/repositories/${encodeURIComponent(inside[2])}/tree/${at.sha}`, here: true };
  return /^https?:\/\/[^\s@]+$/.test(absolute) ? { href: absolute, here: false } : undefined;
}

/** As git does it: each `../` takes a step off the address of the repository itself. */
function resolveRelative(own: string, url: string): string {
  let base = own;
  let rest = url;
  while (/^\.\.?\//.test(rest)) {
    if (rest.startsWith('../')) base = base.slice(0, base.lastIndexOf('/'));
    rest = rest.slice(rest.indexOf('/') + 1);
  }
  return `${base}/${rest}`;
}
