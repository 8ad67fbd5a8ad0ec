import type { GitRepository } from '../gitRepositories';
import { findEntry } from './tree';

const MAX_BYTES = 1024 * 1024;

/** Where submodules come from, by their path, as `.gitmodules` at the root of a commit says; empty when it says nothing. */
export async function readSubmodules(repository: GitRepository, commit: string): Promise<ReadonlyMap<string, string>> {
  const entry = await findEntry(repository, commit, '.gitmodules');
  if (entry?.type !== 'file' && entry?.type !== 'executable') return new Map();
  const object = await repository.objects.read(entry.sha, MAX_BYTES).catch(() => undefined);
  return object === undefined ? new Map() : parseGitmodules(object.content.toString('utf8'));
}

/** The `path` and `url` of each section, in git's configuration format as far as `.gitmodules` uses it. Shown to people, and never fetched. */
export function parseGitmodules(text: string): Map<string, string> {
  const urls = new Map<string, string>();
  let section: { path?: string; url?: string } = {};
  const close = (): void => {
    if (section.path !== undefined && section.url !== undefined) urls.set(section.path.replace(/\/+$/, ''), section.url);
    section = {};
  };
  for (const line of text.split('\n')) {
    if (/^\s*\[/.test(line)) close();
    const [, key = '', value = ''] = /^\s*(path|url)\s*=\s*(.*?)\s*$/i.exec(line) ?? [];
    if (key !== '') section[key.toLowerCase() === 'path' ? 'path' : 'url'] = value.replace(/^"(.*)"$/, '$1');
  }
  close();
  return urls;
}
