import { useNavigate } from '@tanstack/react-router';
import { useMemo, type MouseEvent, type ReactNode } from 'react';
import { fetchRpc } from '../../api/rpc';
import { MarkdownScopeContext, type MarkdownScope, type ReferenceOption } from '../../ui/markdownScope';

const MAX_OPTIONS = 8;

/** Gives the texts of a repository's pull requests their references: `@user` leads to the person, `#12` to the pull request, and both are completed. */
export function PullScope({ org, repository, children }: { org: string; repository: string; children: ReactNode }) {
  const navigate = useNavigate();
  const scope = useMemo<MarkdownScope>(
    () => ({
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
  const { items } = await fetchRpc('pulls.list', { ...of, state: 'all', limit: MAX_OPTIONS, ...(text === '' ? {} : { q: text }) }, signal);
  return items.map(({ spec }) => ({ text: `#${spec.number ?? ''}`, description: spec.title }));
}
