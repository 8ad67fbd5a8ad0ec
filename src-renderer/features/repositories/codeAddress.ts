/** Address of a file or folder at a ref in the code browser. */
export function codeHref(place: { org: string; repo: string; ref: string; path: string; type: 'tree' | 'blob' | 'commits' }): string {
  const base = `/o/${encodeURIComponent(place.org)}/repositories/${encodeURIComponent(place.repo)}/${place.type}/${encodeURIComponent(place.ref)}`;
  return place.path === '' ? base : `${base}/${encodePath(place.path)}`;
}

/** Address of a file's bytes. */
export function rawHref(place: { org: string; repo: string; ref: string; path: string }): string {
  return `/api/orgs/${encodeURIComponent(place.org)}/repositories/${encodeURIComponent(place.repo)}/raw/${encodePath(place.ref)}/${encodePath(place.path)}`;
}

/** Address of a blob's bytes by its object id. */
export function blobHref(place: { org: string; repo: string; sha: string }): string {
  return `/api/orgs/${encodeURIComponent(place.org)}/repositories/${encodeURIComponent(place.repo)}/blobs/${place.sha}`;
}

/** Address of a snapshot to download. */
export function archiveHref(place: { org: string; repo: string; ref: string; format: 'zip' | 'tar.gz' }): string {
  return `/api/orgs/${encodeURIComponent(place.org)}/repositories/${encodeURIComponent(place.repo)}/archive/${encodePath(place.ref)}.${place.format}`;
}

/** A relative address of a Markdown file, as a path in the repository: `../img/a.png` in `docs/x.md` is `img/a.png`. Undefined when it leads outside. */
export function resolvePath(fromFolder: string, relative: string): string | undefined {
  const parts = relative.startsWith('/') ? [] : fromFolder.split('/').filter((part) => part !== '');
  for (const part of decodePath(relative).split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Folder of a path; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function decodePath(path: string): string {
  const plain = path.replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
