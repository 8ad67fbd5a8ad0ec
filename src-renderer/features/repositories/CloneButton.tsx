import { Link } from '@tanstack/react-router';
import { ChevronDown, Download, GitBranch } from 'lucide-react';
import { useState } from 'react';
import { sshCloneUrl } from '#shared/api/sshCloneUrl';
import { useRpc } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { Popover } from '../../ui/overlays/Popover';
import { archiveHref } from './codeAddress';
import { useRepository } from './repositoryContext';

type Transport = 'https' | 'ssh';

/** How to get the code: the addresses for git, and snapshots. */
export function CloneButton() {
  const { org, repo, defaultBranch, object } = useRepository();
  const url = useCloneUrl();
  const server = useRpc('sshKeys.server', {}).data;
  const [chosen, setTransport] = useState<Transport>(storedTransport);
  const ssh = server?.address === undefined ? undefined : sshCloneUrl(server.address, org, repo);
  const transport = ssh === undefined ? 'https' : chosen;
  const choose = (next: Transport) => {
    localStorage.setItem(STORED_AS, next);
    setTransport(next);
  };
  const empty = object.status?.empty === true;
  return (
    <Popover label="Clone" className="w-96 p-3" trigger={<Button icon={<GitBranch />}>Clone<ChevronDown aria-hidden /></Button>}>
      <div className="flex flex-col gap-3">
        <div>
          <div className="mb-1.5 flex items-center justify-between gap-2">
            <p className="font-medium">With git</p>
            {ssh !== undefined && (
              <div role="group" aria-label="Over" className="flex gap-1">
                {(['https', 'ssh'] as const).map((each) => (
                  <Button key={each} size="sm" variant={each === transport ? 'secondary' : 'ghost'} aria-pressed={each === transport} onClick={() => choose(each)}>{each === 'ssh' ? 'SSH' : 'HTTP'}</Button>
                ))}
              </div>
            )}
          </div>
          <CodeBlock code={`git clone ${transport === 'ssh' && ssh !== undefined ? ssh : url}`} language="bash" />
          {transport === 'https' ? (
            <p className="mt-1 text-xs text-subtle">
              git asks for a user name (any) and a password: your token. <Link to="/account/$section" params={{ section: 'tokens' }} className="text-accent underline">Where to find it</Link>
            </p>
          ) : (
            <div className="mt-1 text-xs text-subtle">
              <p>It takes <Link to="/account/$section" params={{ section: 'ssh-keys' }} className="text-accent underline">a key of yours</Link>. At the first connection, ssh shows one of these:</p>
              <ul className="mt-1">{server?.hostKeys.map(({ type, fingerprint }) => <li key={type}><code className="font-mono wrap-anywhere">{fingerprint}</code> ({type})</li>)}</ul>
            </div>
          )}
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

const STORED_AS = 'kradle.clone-over';

function storedTransport(): Transport {
  return localStorage.getItem(STORED_AS) === 'ssh' ? 'ssh' : 'https';
}

/** Address of the repository for git over HTTP. */
export function useCloneUrl(): string {
  const { org, repo } = useRepository();
  const base = useInfo()?.gitBaseUrl ?? `${window.location.origin}/git`;
  return `${base}/${org}/${repo}.git`;
}
