/** A name for a repository from where it comes: the last step of a folder or an address, in the letters that names may have. */
export function repositoryName(source: string): string {
  const last = source.trim().replace(/[?#].*$/, '').replace(/[/\\]+$/, '').replace(/\.git$/i, '').split(/[/\\:]/).at(-1) ?? '';
  return last.toLowerCase().replace(/[^a-z0-9.-]+/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, 100);
}
