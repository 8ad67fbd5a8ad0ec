import type { AnyKind, ObjectOf } from '#shared/kind/defineKind';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { AgentDispatchRun, isTerminalRunPhase } from '#shared/kinds/agents/agentDispatchRun';
import { ExternalSyncConflict } from '#shared/kinds/external/externalSyncConflict';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Clock } from '../../app/clock';
import type { Controller } from '../../runtime/controller';
import { bodyOf, idOf, type News, orGone, titleOf } from './news';
import type { Notifications } from './notifications';
import { pullRequestNews } from './pullRequestNews';
import { findRecipients, type RecipientsDeps } from './recipients';

/** What happened longer ago is no news: a server that starts again tells nobody of last month. */
const NEWS_MS = 24 * 3_600_000;

export interface TellerDeps extends RecipientsDeps {
  readonly notifications: Notifications;
  readonly clock: Clock;
}

/** Controllers that tell people what happened, each thing once: an id follows from what happened, and the stream takes an id once. */
export function createNotificationControllers(deps: TellerDeps): readonly Controller[] {
  return [
    teller(deps, AgentDispatchRun, (run) => (isTerminalRunPhase(run.status?.phase) ? runEnded(run) : undefined)),
    teller(deps, AgentApproval, (approval) => approvalNeeded(deps, approval)),
    teller(deps, ExternalSyncConflict, (conflict) => ((conflict.status?.phase ?? 'Open') === 'Open' ? conflictDetected(conflict) : undefined)),
    teller(deps, PullRequest, (pullRequest) => pullRequestNews(deps, pullRequest)),
    teller(deps, KradleWorkspace, (workspace) => (workspace.status?.claimedBy === undefined ? undefined : workspaceClaimed(deps, workspace))),
  ];
}

function teller<TKind extends AnyKind>(deps: TellerDeps, kind: TKind, newsOf: (object: ObjectOf<TKind>) => News | undefined | Promise<News | readonly News[] | undefined>): Controller {
  return {
    name: `notify-${kind.names.singular}`,
    kind,
    async reconcile({ org, name }) {
      const object = await orGone(deps.resources.find(kind, { org, name }));
      const news = object === undefined || object.metadata.deletionTimestamp !== undefined ? undefined : await newsOf(object);
      for (const each of news === undefined ? [] : isList(news) ? news : [news]) await tell(deps, kind, { org, name, news: each });
    },
  };
}

async function tell(deps: TellerDeps, kind: AnyKind, { org, name, news }: { org: string; name: string; news: News }): Promise<void> {
  const { notification, owners, verb = 'get', at } = news;
  if (Math.abs(deps.clock.now() - Date.parse(at ?? '')) > NEWS_MS) return;
  const recipients = await findRecipients(deps, { type: notification.type, org, owners, object: { kind, name, verb } });
  for (const account of recipients) await deps.notifications.notify(account, { ...notification, org, object: { kind: kind.names.kind, name } });
}

function isList(news: News | readonly News[]): news is readonly News[] {
  return Array.isArray(news);
}

function runEnded({ metadata, spec, status }: ObjectOf<typeof AgentDispatchRun>): News {
  const { phase = '', attemptNumber = 1, reason, message, summary } = status ?? {};
  const words: Readonly<Record<string, string>> = { Completed: 'is done', Failed: 'failed', Cancelled: 'was cancelled' };
  const body = phase === 'Completed' ? summary : (message ?? reason);
  return {
    owners: spec.requesters ?? [spec.requestedBy],
    at: status?.completedAt ?? status?.failedAt ?? status?.lastActivityAt,
    notification: {
      id: idOf('run-complete', metadata, `${attemptNumber}/${phase}`),
      type: 'run-complete',
      severity: phase === 'Failed' ? 'error' : 'info',
      title: `${titleOf(spec.title ?? spec.prompt, metadata.name)} ${words[phase] ?? 'ended'}`,
      ...bodyOf(body),
      href: `/o/${spec.organizationRef}/runs/${metadata.name}`,
    },
  };
}

async function approvalNeeded({ resources }: TellerDeps, { metadata, spec, status }: ObjectOf<typeof AgentApproval>): Promise<News | undefined> {
  if ((status?.phase ?? 'Pending') !== 'Pending' || status?.obsolete === true) return undefined;
  const run = await orGone(resources.find(AgentDispatchRun, { org: spec.organizationRef, name: spec.dispatchRun }));
  const wants: Readonly<Record<string, string>> = { 'tool-use': 'wants to use a tool', 'secret-access': 'wants a secret', 'write-back': 'has changes to apply', dispatch: 'wants to start' };
  return {
    owners: run?.spec.requesters ?? [run?.spec.requestedBy],
    verb: 'decide',
    at: status?.createdAt ?? metadata.creationTimestamp,
    notification: {
      id: idOf('approval-needed', metadata),
      type: 'approval-needed',
      severity: 'warning',
      title: `${titleOf(run?.spec.title ?? run?.spec.prompt, spec.dispatchRun)} ${wants[spec.action] ?? 'waits for a decision'}`,
      ...bodyOf(spec.summary),
      href: `/o/${spec.organizationRef}/approvals`,
    },
  };
}

function conflictDetected({ metadata, spec }: ObjectOf<typeof ExternalSyncConflict>): News {
  return {
    owners: [],
    at: spec.detectedAt ?? metadata.creationTimestamp,
    notification: {
      id: idOf('conflict-detected', metadata),
      type: 'conflict-detected',
      severity: 'warning',
      title: `${spec.resourceRef.name} differs from what ${spec.providerRef} has`,
      ...bodyOf(spec.fields?.map(({ path }) => path).join(', ')),
      href: `/o/${spec.organizationRef}/resources/externalsyncconflicts/${metadata.name}`,
    },
  };
}

async function workspaceClaimed({ resources }: TellerDeps, { metadata, spec, status }: ObjectOf<typeof KradleWorkspace>): Promise<News | undefined> {
  const name = status?.claimedBy ?? '';
  const run = await orGone(resources.find(AgentDispatchRun, { org: spec.organizationRef, name }));
  if (run === undefined) return undefined;
  return {
    owners: run.spec.requesters ?? [run.spec.requestedBy],
    at: status?.claimedAt,
    notification: {
      id: idOf('workspace-ready', metadata, run.metadata.uid),
      type: 'workspace-ready',
      severity: 'info',
      title: `${titleOf(run.spec.title ?? run.spec.prompt, name)} has a workspace`,
      ...bodyOf(status?.branch),
      href: `/o/${spec.organizationRef}/runs/${name}`,
    },
  };
}
