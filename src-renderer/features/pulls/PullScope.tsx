import { useNavigate } from '@tanstack/react-router';
import { useMemo, type MouseEvent, type ReactNode } from 'react';
import { fetchRpc } from '../../api/rpc';
import { MarkdownScopeContext, type MarkdownScope, type ReferenceOption } from '../../ui/text/markdownScope';
import { issueSelector } from './conversation/issueSelector';

const MAX_OPTIONS = 8;

/** Gives the texts of a repository's pull requests their references: `@user` leads to the person, `#12` to the pull request or issue, and both are completed. */
export function PullScope({ org, repository, children }: { org: string; repository: string; children: ReactNode }) {
  const navigate = useNavigate();
  const scope = useMemo<MarkdownScope>(
    () => ({
      // Whether a number is an issue's is found where the link leads, see MissingPull.
      linkOf: ({ type, name }) => (type === 'number' ? `/o/${org}/pulls/${repository}-${name}` : `/o/${org}/people/members/${name.toLowerCase()}`),
      complete: ({ type, name }, signal) => (type === 'person' ? completePeople(org, name, signal) : completeNumbers({ org, repository }, name, signal)),
    }),
    [org, repository],
  );
  /** A link in a text is one of the console, too: it does not load the page anew. */
  const follow = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('.k-prose a[href^="/o/"]') : null;
    const href = link?.getAttribute('href');
    if (href === null || href === undefined || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    void navigate({ href });
  };
  return (
    <MarkdownScopeContext value={scope}>
      {/* The links within take the keys themselves. */}
      <div className="contents" onClick={follow}>{children}</div>
    </MarkdownScopeContext>
  );
}

async function completePeople(org: string, text: string, signal: AbortSignal): Promise<ReferenceOption[]> {
  const { items } = await fetchRpc('resources.list', { kind: 'users', org, limit: MAX_OPTIONS, ...(text === '' ? {} : { q: text }) }, signal);
  return items.map(({ metadata, spec }) => {
    const { displayName } = spec as { displayName?: string };
    return { text: `@${metadata.name}`, ...(displayName === undefined ? {} : { description: displayName }) };
  });
}

async function completeNumbers(of: { org: string; repository: string }, text: string, signal: AbortSignal): Promise<ReferenceOption[]> {
  const { org, repository } = of;
  const isNumber = /^\d+$/.test(text);
  const q = text === '' ? {} : { q: text };
  const [pulls, issues] = await Promise.all([
    fetchRpc('pulls.list', { ...of, state: 'all', limit: MAX_OPTIONS, ...q }, signal),
    fetchRpc('resources.list', { org, kind: 'issues', fieldSelector: issueSelector(repository, isNumber ? text : undefined), limit: MAX_OPTIONS, ...(isNumber ? {} : q) }, signal),
  ]);
  const found = [...pulls.items, ...issues.items].map(({ spec }) => spec as { number?: number; title: string });
  return found.filter(({ number }) => number !== undefined).sort((one, other) => (other.number ?? 0) - (one.number ?? 0)).slice(0, MAX_OPTIONS).map(({ number, title }) => ({ text: `#${number ?? ''}`, description: title }));
}
