import type { WriteRecord } from '../store/store';
import type { Actor } from './actor';
import type { AccessDecision, AccessRequest } from './authorize';

/** The way a request came in. */
export type Door = 'trpc' | 'rest' | 'kubernetes' | 'mcp' | 'git' | 'ssh' | 'http';

/** Something that an actor did, or was refused, or saw that not everybody may see. */
export interface AuditedAct {
  /**
   * What it is within its request: a `verb` that was decided on and is carried out now (the default), a `write` of an object, or a `read` of
   * something sensitive. Within a group, writes are parts of the verb, and a read stands for itself.
   */
  readonly part?: 'verb' | 'write' | 'read';
  /** The verb as the authorizer knows it: `create`, `merge`, `push`. */
  readonly verb: string;
  /** Name of the kind that it was done to. */
  readonly kind: string;
  /** Absent, or `*`, for what belongs to no organization: it goes into the installation's own log. */
  readonly org?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** The version that came of it. */
  readonly resourceVersion?: string;
  readonly outcome: 'allowed' | 'denied';
  /** The rule that decided, as the authorizer names it. */
  readonly rule?: string;
  /** For a refusal: why, in the words that the actor was told. */
  readonly reason?: string;
  /** `sha256:…` of what was written, as canonical JSON. */
  readonly digest?: string;
  /** What else is known. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The trail that one request leaves. Every actor that comes through a door carries one; what it does is noted where it is decided and
 * written, so no door can forget it. It may outlive its request: work that goes on in a person's name is noted as that person's.
 */
export interface AuditTrail {
  readonly door: Door;
  readonly correlationId: string;
  /** Address of the client. */
  readonly sourceAddress?: string;
  /**
   * Resolves when the record is safe on the disk; the answer to the request waits for it. What the system does on this trail is noted as
   * done by whom the trail belongs to.
   *
   * @throws ServiceUnavailable (AUDIT_UNAVAILABLE) when the log cannot be written.
   */
  note(actor: Actor, act: AuditedAct): Promise<void>;
  /**
   * The record of a write that is about to happen, to be stored with it; whoever writes gives it to the store. Undefined where the write is
   * a part of more: then it is noted when it has happened.
   */
  recordOf(actor: Actor, act: AuditedAct): WriteRecord | undefined;
  /**
   * Asked before something is changed: a log that cannot be written lets nothing happen. Nothing to wait for while all is well.
   *
   * @throws ServiceUnavailable (AUDIT_UNAVAILABLE)
   */
  ready(): Promise<void> | undefined;
  /** A trail for one verb, however many objects it writes: what is noted on it becomes one record when it is settled. */
  group(): AuditGroup;
  /**
   * The trail for a write that completes the verb: the record of the verb is stored with it, so that a crash leaves both or neither. What is noted
   * later stands for itself.
   */
  completing(): AuditTrail;
}

/** Refusals and sensitive reads are recorded at once; the rest is kept until the verb is through. */
export interface AuditGroup extends AuditTrail {
  /**
   * Records the verb and what came of it, when that is anything. `failure` is the reason of a verb that failed, which is recorded only if it
   * had written something. What is noted later stands for itself.
   */
  settle(failure?: string): Promise<void>;
}

/** Makes the trails of requests. */
export interface AuditTrails {
  /** `actor` is whom it belongs to; absent before anybody has signed in. */
  begin(request: { readonly door: Door; readonly correlationId: string; readonly sourceAddress?: string; readonly actor?: Actor }): AuditTrail;
}

/**
 * Notes that the actor saw something which not everybody may see: the value of a secret, the audit log, the transcripts of a private
 * repository. Whoever serves it calls this before it does. Nothing happens for controllers.
 */
export async function noteSensitiveRead(actor: Actor, read: Pick<AuditedAct, 'verb' | 'kind' | 'org' | 'name' | 'rule' | 'details'>): Promise<void> {
  await actor.trail?.note(actor, { ...read, part: 'read', outcome: 'allowed' });
}

/** Reading that everybody may do who may know of the object: being refused it is nothing to record. */
const PLAIN_READS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'read', 'fetch', 'pull']);
/** Reading that is recorded whenever it is allowed. */
const SENSITIVE_READS: ReadonlySet<string> = new Set(['read-audit', 'export-audit', 'use-secret', 'read-transcript', 'read-artifact']);

/** Whether an act stands for itself, whatever verb it happened in. */
export function isSensitiveRead({ part, verb }: Pick<AuditedAct, 'part' | 'verb'>): boolean {
  return part === 'read' || SENSITIVE_READS.has(verb);
}

/** Notes that the actor was refused something, other than plain reading. Who is no member of an organization leaves no trace in its log. */
export async function noteRefusal(actor: Actor, decision: Extract<AccessDecision, { allowed: false }>, { verb, kind, org, name }: AccessRequest): Promise<void> {
  if (actor.trail === undefined || PLAIN_READS.has(verb)) return;
  const { hidden, rule, reason } = decision;
  const isMember = hidden !== 'organization' && org !== '*';
  await actor.trail.note(actor, {
    part: 'verb', verb, kind: kind.names.kind, outcome: 'denied', rule, reason,
    ...(isMember ? { org } : { details: { organization: org } }),
    ...(name === undefined ? {} : { name }),
  });
}

/** Notes that a verb was decided on, which is carried out now. Plain reading is not noted. */
export async function noteVerb(actor: Actor, rule: string, { verb, kind, org, name }: Pick<AccessRequest, 'verb' | 'kind' | 'org' | 'name'>): Promise<void> {
  if (actor.trail === undefined || PLAIN_READS.has(verb)) return;
  await actor.trail.ready();
  await actor.trail.note(actor, { verb, kind: kind.names.kind, org, outcome: 'allowed', rule, ...(name === undefined ? {} : { name }) });
}

/** The system, doing what this actor has decided: what it writes belongs to the actor's record. */
export function onBehalfOf({ trail }: Actor): Actor {
  return { kind: 'system', name: 'kradle', orgs: '*', ...(trail === undefined ? {} : { trail }) };
}
