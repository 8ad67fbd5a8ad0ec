import { Link } from '@tanstack/react-router';
import { Bot, Container, GitBranch, Plug, SquareTerminal, Webhook, type LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import { useInfo } from '../../shell/useInfo';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { useTitle } from '../../ui/useTitle';
import { CommandLineSteps } from './CommandLineSteps';
import type { ConnectFacts } from './connectFacts';
import { GitSteps } from './GitSteps';
import { KubectlSteps } from './KubectlSteps';
import { McpSteps } from './McpSteps';
import { RestSteps } from './RestSteps';

/** How programs get in: what to paste, with the addresses of this server and organization. */
export function ConnectPage() {
  const org = useOrg();
  const info = useInfo();
  useTitle('Connect', org);
  if (info === undefined) return null;
  const facts: ConnectFacts = {
    origin: info.origin,
    gitBaseUrl: info.gitBaseUrl,
    org,
    // The user whom the server runs as is its administrator, and has the token in a file.
    tokenFile: info.mode === 'local' && info.actor.name === LOCAL_ADMIN ? `${info.dataDir}/admin-token` : undefined,
  };
  return (
    <>
      <PageHeader
        icon={<Plug />}
        title="Connect"
        description="Every program uses the same server, as you and with your permissions. Pick a way in; what is here can be pasted as it is."
        actions={<Button asChild><Link to="/account/$section" params={{ section: 'tokens' }} search={{ new: '1' }}>New access token</Link></Button>}
      />
      <PageBody>
        <div className="mx-auto flex max-w-5xl gap-8">
          <nav aria-label="Ways in" className="sticky top-0 hidden w-44 shrink-0 self-start lg:block">
            <ul className="flex flex-col gap-0.5">
              {WAYS.map(({ id, title, icon: Icon }) => (
                <li key={id}>
                  <Link to="." search hash={id} className="flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-fg"><Icon aria-hidden className="size-4 shrink-0" />{title}</Link>
                </li>
              ))}
            </ul>
          </nav>
          <div className="flex min-w-0 flex-1 flex-col gap-4">
            {WAYS.map(({ id, title, about, icon: Icon, Steps }) => (
              <section key={id} id={id} aria-labelledby={`${id}-title`} className="min-w-0 scroll-mt-2 rounded-lg border bg-surface">
                <div className="border-b px-4 py-3">
                  <h2 id={`${id}-title`} className="flex items-center gap-2 text-base font-semibold"><Icon aria-hidden className="size-4 shrink-0 text-subtle" />{title}</h2>
                  <p className="mt-0.5 text-muted">{about}</p>
                </div>
                <div className="p-4"><Steps {...facts} /></div>
              </section>
            ))}
          </div>
        </div>
      </PageBody>
    </>
  );
}

const LOCAL_ADMIN = 'admin';

const WAYS: readonly { id: string; title: string; about: string; icon: LucideIcon; Steps: ComponentType<ConnectFacts> }[] = [
  { id: 'cli', title: 'Command line', about: 'Everything that this console does, from a terminal or a script.', icon: SquareTerminal, Steps: CommandLineSteps },
  { id: 'git', title: 'git', about: 'Clone, fetch and push over HTTP.', icon: GitBranch, Steps: GitSteps },
  { id: 'mcp', title: 'Agents and editors', about: 'Over MCP an assistant reads and changes what is here, dispatches agents and answers their questions.', icon: Bot, Steps: McpSteps },
  { id: 'kubectl', title: 'kubectl', about: 'The server speaks the Kubernetes API: kubectl, k9s and client libraries work as they are.', icon: Container, Steps: KubectlSteps },
  { id: 'rest', title: 'REST', about: 'Plain HTTP and JSON, described by OpenAPI.', icon: Webhook, Steps: RestSteps },
];
