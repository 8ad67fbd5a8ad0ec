import { relativePath } from '../../transcript/toolSummary';

/**
 * Address of a file that an agent links to in its words: `src/a.ts`, `./src/a.ts:12`, or the path in its own folder. What leads out of
 * the repository goes nowhere.
 */
export function repositoryUrl(url: string, at: { org: string; repository: string; ref: string | undefined; folder: string | undefined }): string {
  if (url.startsWith('#')) return url;
  const match = /^(.*?)(?::(\d+)(?:-(\d+))?)?(?:#L(\d+).*)?$/.exec(decode(url));
  const path = relativePath(match?.[1] ?? url, at.folder).replace(/^(\.\/)+/, '');
  const line = match?.[2] ?? match?.[4];
  if (path === '' || path.startsWith('/') || path.split('/').includes('..')) return '#';
  const base = `/o/${encodeURIComponent(at.org)}/repositories/${encodeURIComponent(at.repository)}`;
  const file = path.split('/').map(encodeURIComponent).join('/');
  return `${base}/blob/${encodeURIComponent(at.ref ?? 'HEAD')}/${file}${line === undefined ? '' : `#L${line}`}`;
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
