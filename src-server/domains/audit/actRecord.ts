import { randomBytes, randomUUID } from 'node:crypto';
import { namespaceFor } from '#shared/kind/names';
import { ORG_LABEL } from '#shared/kind/objectMeta';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import { Organization } from '#shared/kinds/identity/organization';
import { SYSTEM_ACTOR, type Actor } from '../../resources/actor';
import type { AuditedAct, AuditTrail } from '../../resources/auditTrail';
import { INSTALLATION_LOG, type AuditSpec, type RecordDraft } from './auditRecord';

/** What a record says of the request that it is about. */
export type RecordedRequest = Pick<AuditTrail, 'door' | 'correlationId' | 'sourceAddress'>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Longest reason that a record keeps. */
const MAX_REASON = 2000;
/** Words whose past is not what the rule makes of them, and verbs whose words name the kind once more. */
const PAST: Readonly<Record<string, string>> = {
  'read-audit': 'Read', 'export-audit': 'Exported', 'use-secret': 'Used', 'update-status': 'StatusUpdated', read: 'Read', put: 'Put', set: 'Set', send: 'Sent', write: 'Written',
  cut: 'Cut', begin: 'Begun', submit: 'Submitted', stop: 'Stopped', drop: 'Dropped', ban: 'Banned',
};

/** The record of an act, and the log that it belongs to. */
export function recordOfAct(actor: Actor, act: AuditedAct, { request, uid }: { request: RecordedRequest; uid: string }): { log: string; draft: RecordDraft } {
  const log = logOfAct(act);
  const { door, correlationId, sourceAddress } = request;
  // Set one by one: an object that is put together of spreads takes several times as long.
  const spec: Writable<RecordDraft['spec']> = {
    organizationRef: log === INSTALLATION_LOG ? INSTALLATION : log,
    type: typeOf(act),
    action: act.verb,
    actor: recordedActor(actor),
    decision: decisionOf(act),
    door,
    correlationId,
    target: targetOf(act),
  };
  if (act.details !== undefined) spec.details = { ...act.details };
  if (act.digest !== undefined) spec.digests = { object: act.digest };
  if (sourceAddress !== undefined) spec.sourceAddress = sourceAddress;
  return { log, draft: { name: newRecordName(), uid, ...(log === INSTALLATION_LOG ? {} : { labels: { [ORG_LABEL]: log } }), spec } };
}

/** An organization's log goes with it, so that it was deleted is told elsewhere. */
function logOfAct({ org, kind, verb }: AuditedAct): string {
  const isEnd = verb === 'delete' && kind === Organization.names.kind;
  return org === undefined || org === '*' || isEnd ? INSTALLATION_LOG : org;
}

/** A record of what the server itself does to a log. */
export function recordOfSystem(log: string, { verb, details }: { verb: string; details: Record<string, unknown> }): RecordDraft {
  const kind = AuditEvent.names.kind;
  return {
    name: newRecordName(),
    uid: randomUUID(),
    spec: {
      organizationRef: log === INSTALLATION_LOG ? INSTALLATION : log,
      type: typeOf({ kind, verb, outcome: 'allowed' }), action: verb, actor: recordedActor(SYSTEM_ACTOR), target: { kind }, decision: { outcome: 'allowed' }, details,
    },
  };
}

/** What records of the installation's own log say as their organization. */
export const INSTALLATION = 'kradle-system';

export function recordedActor({ kind, name, run, credential }: Actor): AuditSpec['actor'] {
  const signedInWith = credential === undefined ? {} : { credential: { kind: credential.kind, id: credential.id } };
  if (kind === 'run') return { kind: 'AgentDispatchRun', name: run?.name ?? name, ...signedInWith };
  return { kind: RECORDED_KINDS[kind], name, ...signedInWith };
}

const RECORDED_KINDS: Readonly<Record<Exclude<Actor['kind'], 'run'>, AuditSpec['actor']['kind']>> = { user: 'User', 'service-account': 'AgentServiceAccount', 'deploy-key': 'SSHKey', system: 'System' };

/** `PullRequestMerged`, `RepositoryDeleteDenied`. */
export function typeOf({ kind, verb, outcome }: Pick<AuditedAct, 'kind' | 'verb' | 'outcome'>): string {
  return outcome === 'allowed' ? kind + pastOf(verb) : `${kind}${verb.split('-').map(capital).join('')}Denied`;
}

/** A name that no other record has; those of one server sort by their time. */
export function newRecordName(): string {
  lastUs = Math.max(lastUs + 1, Date.now() * 1000);
  return `audit-${lastUs.toString(36).padStart(TIME_DIGITS, '0')}-${SERVER}`;
}

/** Enough for the next thousands of years. */
const TIME_DIGITS = 11;
/** Tells the servers on one database apart. */
const SERVER = randomBytes(5).toString('hex');
let lastUs = 0;

/** `manage-tokens` becomes `TokensManaged`: the verb's first word is the verb. */
function pastOf(verb: string): string {
  const known = PAST[verb];
  if (known !== undefined) return known;
  const [first = '', ...rest] = verb.split('-');
  const past = PAST[first] ?? capital(first.endsWith('e') ? `${first}d` : /[^aeiou]y$/.test(first) ? `${first.slice(0, -1)}ied` : `${first}ed`);
  return rest.map(capital).join('') + past;
}

function targetOf({ kind, org, name, namespace, uid, resourceVersion }: AuditedAct): NonNullable<AuditSpec['target']> {
  const target: Writable<NonNullable<AuditSpec['target']>> = { kind };
  if (name === undefined && org === undefined) return target;
  const place = namespace ?? (org === undefined || org === '*' ? undefined : namespaceFor(AuditEvent, org));
  if (name !== undefined) target.name = name;
  if (place !== undefined) target.namespace = place;
  if (uid !== undefined) target.uid = uid;
  if (resourceVersion !== undefined) target.resourceVersion = resourceVersion;
  return target;
}

function decisionOf({ outcome, rule, reason }: AuditedAct): AuditSpec['decision'] {
  const decision: Writable<AuditSpec['decision']> = { outcome };
  if (rule !== undefined) decision.rule = rule;
  if (reason !== undefined) decision.reason = reason.slice(0, MAX_REASON);
  return decision;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
