import { useEffect, useSyncExternalStore } from 'react';
import { useLocation } from '@tanstack/react-router';
import { crumbsOf } from './crumbs';

const KEPT = 30;
const STORAGE_KEY = 'kradle.recent';

/** Remembers the object whose page is open. Pages of the navigation are not remembered: they are a key away. */
export function useRememberPage(): void {
  const { pathname } = useLocation();
  useEffect(() => {
    const href = objectPageOf(pathname);
    if (href !== undefined) save([href, ...load().filter((each) => each !== href)].slice(0, KEPT));
  }, [pathname]);
}

/** Addresses of an organization's objects that were looked at last, newest first; not the one that is open. */
export function useRecentPages(org: string, limit: number): readonly string[] {
  const { pathname } = useLocation();
  const pages = useSyncExternalStore(subscribe, load);
  const [base, open] = [`/o/${encodeURIComponent(org)}/`, objectPageOf(pathname)];
  return pages.filter((href) => href.startsWith(base) && href !== open).slice(0, limit);
}

/** For whoever sits down next. */
export function forgetPages(): void {
  save([]);
}

/** The page of the object that an address is about, whichever of its tabs is open; undefined for a list, a form and the rest. */
export function objectPageOf(pathname: string): string | undefined {
  const section = pathname.split('/')[3] ?? '';
  const depth = OBJECT_DEPTH[section];
  const { href } = (depth === undefined ? undefined : crumbsOf(pathname)[depth]) ?? {};
  return href?.endsWith('/new') === true ? undefined : href;
}

/** Steps from a section to an object in it. */
const OBJECT_DEPTH: Readonly<Record<string, number>> = { repositories: 1, pulls: 1, runs: 1, agents: 1, resources: 2, people: 2 };

const listeners = new Set<() => void>();
let read: { text: string | null; pages: readonly string[] } | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Another window may have written: the text is compared, so that what is unchanged stays the same array. */
function load(): readonly string[] {
  const text = localStorage.getItem(STORAGE_KEY);
  if (read === undefined || read.text !== text) read = { text, pages: parse(text) };
  return read.pages;
}

function save(pages: readonly string[]): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(pages));
  for (const listener of listeners) listener();
}

function parse(text: string | null): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && objectPageOf(each) === each) : [];
  } catch {
    // Written by something else; the next page replaces it.
    return [];
  }
}
