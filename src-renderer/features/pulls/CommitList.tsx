import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Ellipsis } from 'lucide-react';
import type { GitCommit } from '#shared/api/git';
import { Avatar } from '../../ui/Avatar';
import { CopyButton } from '../../ui/CopyButton';
import { Time } from '../../ui/Time';

/** Commits with their messages, each a link to its own page. */
export function CommitList({ org, repository, commits }: { org: string; repository: string; commits: readonly GitCommit[] }) {
  return (
    <ol className="divide-y">
      {commits.map((commit) => <CommitRow key={commit.sha} org={org} repository={repository} commit={commit} />)}
    </ol>
  );
}

function CommitRow({ org, repository, commit }: { org: string; repository: string; commit: GitCommit }) {
  const [open, setOpen] = useState(false);
  const body = commit.body.trim();
  return (
    <li className="flex items-start gap-3 px-3 py-2">
      <Avatar name={commit.author.name} size={22} />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-1.5">
          <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo: repository, sha: commit.sha }} className="min-w-0 truncate font-medium hover:text-accent hover:underline">{commit.subject}</Link>
          {body !== '' && (
            <button type="button" aria-expanded={open} aria-label="The whole message" className="flex h-4 items-center rounded-sm bg-sunken px-1 text-subtle hover:text-fg" onClick={() => setOpen(!open)}><Ellipsis aria-hidden className="size-3.5" /></button>
          )}
        </p>
        <p className="text-xs text-subtle">{commit.author.name} · <Time at={commit.committer.at} /></p>
        {open && <pre tabIndex={0} className="mt-1.5 overflow-x-auto font-mono text-xs whitespace-pre-wrap text-muted">{body}</pre>}
      </div>
      <span className="flex shrink-0 items-center">
        <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo: repository, sha: commit.sha }} className="rounded-sm px-1 font-mono text-xs text-muted hover:text-accent">{commit.sha.slice(0, 8)}</Link>
        <CopyButton text={commit.sha} label="Copy commit id" />
      </span>
    </li>
  );
}
