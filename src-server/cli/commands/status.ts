import type { Command } from 'commander';
import { formatAge } from '#shared/kind/table';
import { route, type ApiClient } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { printValue } from '../objectOutput';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { ACTIVE_RUNS } from '../runTypes';
import { safeLine } from '../terminalText';

interface ServerInfo {
  readonly version: string;
  readonly origin: string;
  readonly dataDir: string;
  readonly gitBaseUrl: string;
  readonly actor: { readonly displayName: string };
  readonly orgs: readonly { readonly name: string }[];
  readonly uptimeSeconds: number;
}

/** What there is to know at a glance: how many of each, and which of them wait. */
const COUNTS = [
  { label: 'Repositories', field: 'repositories', kind: 'repositories' },
  { label: 'Agents', field: 'agents', kind: 'agentstacks' },
  { label: 'Open pull requests', field: 'openPullRequests', kind: 'pullrequests', fieldSelector: 'status.phase=Open' },
  { label: 'Runs going on', field: 'activeRuns', kind: 'agentdispatchruns', fieldSelector: ACTIVE_RUNS },
  { label: 'Waiting for you', field: 'pendingApprovals', kind: 'agentapprovals', fieldSelector: OPEN_APPROVALS },
] as const;

export function registerStatus(program: Command, context: CommandContext): void {
  program
    .command('status')
    .helpGroup('Server:')
    .description('show the server, and what goes on in the organization')
    .action(async () => {
      const api = context.api();
      const [info, ...counts] = await Promise.all([api.get<ServerInfo>('/api/info'), ...COUNTS.map((each) => count(api, context.org(), each))]);
      const facts = { ...info, url: api.url, organization: context.org(), ...Object.fromEntries(COUNTS.map(({ field }, index) => [field, counts[index]])) };
      if (await printValue(context, facts)) return;
      const lines: [string, string][] = [
        ['Server', `${api.url}  Kradle ${info.version}, up ${formatAge(info.uptimeSeconds * 1000)}`],
        ['Data', info.dataDir],
        ['Signed in as', info.actor.displayName],
        ['Organization', info.orgs.length > 1 ? `${context.org()} (of ${info.orgs.map((org) => org.name).join(', ')})` : context.org()],
        ['Git', `${info.gitBaseUrl}/${context.org()}/REPOSITORY.git`],
        ...COUNTS.map(({ label }, index): [string, string] => [label, String(counts[index] ?? 0)]),
      ];
      const { style } = context.terminal;
      context.terminal.out(lines.map(([label, value]) => `${style.dim(label.padEnd(20))}${safeLine(value)}\n`).join(''));
      if ((counts.at(-1) ?? 0) > 0) context.terminal.err('See what waits with "kradle approvals".\n');
    });
}

async function count(api: ApiClient, org: string, of: { kind: string; fieldSelector?: string }): Promise<number> {
  const { total } = await api.get<{ total: number }>(route`/api/orgs/${org}/resources`, { kind: of.kind, fieldSelector: of.fieldSelector, limit: 1 });
  return total;
}
