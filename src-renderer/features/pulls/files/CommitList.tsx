import { Link } from '@tanstack/react-router';
import { Ellipsis } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { GitCommit } from '#shared/api/git';
import { useRpc } from '../../../api/rpc';
import { Avatar } from '../../../ui/Avatar';
import { CopyButton } from '../../../ui/CopyButton';
import { Time } from '../../../ui/Time';
import { CommitSignature } from '../../rules/SignatureBadge';
import { RunLink } from '../../links';

interface CommitListProps {
  org: string;
  repository: string;
  commits: readonly GitCommit[];
  /** The pull request that they are of: they open beside its conversations. */
  pr?: string;
}

/** The most commits that are asked about at once. */
const MAX_PROVENANCE = 200;

/** Commits with their messages, each a link to what it changed, and to the run that made it for those who may see that. */
export function CommitList({ org, repository, commits, pr }: CommitListProps) {
  const shas = useMemo(() => commits.slice(0, MAX_PROVENANCE).map((commit) => commit.sha), [commits]);
  const provenance = useRpc('repositories.provenance', { org, repository, sha: shas }, { enabled: shas.length > 0, staleTime: 60_000, keepPrevious: true });
  const runs = new Map(provenance.data?.items.map((item) => [item.sha, item.run]));
  return (
    <ol className="divide-y">
      {commits.map((commit) => <CommitRow key={commit.sha} org={org} repository={repository} commit={commit} pr={pr} run={runs.get(commit.sha)} />)}
    </ol>
  );
}

function CommitRow({ org, repository, commit, pr, run }: { org: string; repository: string; commit: GitCommit; pr: string | undefined; run: string | undefined }) {
  const [open, setOpen] = useState(false);
  const body = commit.body.trim();
  return (
    <li className="flex items-start gap-3 px-3 py-2">
      <Avatar name={commit.author.name} size={22} />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-1.5">
          {pr === undefined ? (
            <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo: repository, sha: commit.sha }} className={SUBJECT}>{commit.subject}</Link>
          ) : (
            <Link to="/o/$org/pulls/$pr/$tab" params={{ org, pr, tab: 'files' }} search={{ commit: commit.sha }} className={SUBJECT}>{commit.subject}</Link>
          )}
          {body !== '' && (
            <button type="button" aria-expanded={open} aria-label="The whole message" className="flex h-4 items-center rounded-sm bg-sunken px-1 text-subtle hover:text-fg" onClick={() => setOpen(!open)}><Ellipsis aria-hidden className="size-3.5" /></button>
          )}
        </p>
        <p className="text-xs text-subtle">{commit.author.name} · <Time at={commit.committer.at} />{run !== undefined && <> · made by run <RunLink org={org} name={run} /></>}</p>
        {open && <pre tabIndex={0} className="mt-1.5 overflow-x-auto font-mono text-xs whitespace-pre-wrap text-muted">{body}</pre>}
      </div>
      <span className="flex shrink-0 items-center gap-1">
        <CommitSignature org={org} repository={repository} sha={commit.sha} />
        <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo: repository, sha: commit.sha }} className="rounded-sm px-1 font-mono text-xs text-muted hover:text-accent">{commit.sha.slice(0, 8)}</Link>
        <CopyButton text={commit.sha} label="Copy commit id" />
      </span>
    </li>
  );
}

const SUBJECT = 'min-w-0 truncate font-medium hover:text-accent hover:underline';
