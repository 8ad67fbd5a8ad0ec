import { Link } from '@tanstack/react-router';
import { ChevronDown, Download, GitBranch } from 'lucide-react';
import { useInfo } from '../../shell/useInfo';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/CodeBlock';
import { Popover } from '../../ui/Popover';
import { archiveHref } from './codeAddress';
import { useRepository } from './repositoryContext';

/** How to get the code: the address for git, and snapshots. */
export function CloneButton() {
  const { org, repo, defaultBranch, object } = useRepository();
  const url = useCloneUrl();
  const empty = object.status?.empty === true;
  return (
    <Popover label="Clone" className="w-96 p-3" trigger={<Button icon={<GitBranch />}>Clone<ChevronDown aria-hidden /></Button>}>
      <div className="flex flex-col gap-3">
        <div>
          <p className="mb-1 font-medium">With git</p>
          <CodeBlock code={`git clone ${url}`} language="bash" />
          <p className="mt-1 text-xs text-subtle">
            git asks for a user name (any) and a password: your token. <Link to="/account/$section" params={{ section: 'tokens' }} className="text-accent underline">Where to find it</Link>
          </p>
        </div>
        {!empty && (
          <div className="flex flex-wrap gap-2">
            {(['zip', 'tar.gz'] as const).map((format) => (
              <Button key={format} asChild size="sm"><a href={archiveHref({ org, repo, ref: defaultBranch, format })} download><Download />{format}</a></Button>
            ))}
          </div>
        )}
      </div>
    </Popover>
  );
}

/** Address of the repository for git. */
export function useCloneUrl(): string {
  const { org, repo } = useRepository();
  const base = useInfo()?.gitBaseUrl ?? `${window.location.origin}/git`;
  return `${base}/${org}/${repo}.git`;
}
