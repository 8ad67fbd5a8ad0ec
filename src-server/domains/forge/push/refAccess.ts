import { isStatusError, StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import { requireQuietly } from '../../../resources/requireAlso';
import { givesAdministration } from '../permissions/administrators';
import type { ForgeContext } from '../forgeContext';
import type { ContentViolation } from '../policies/inspectChanges';
import { describeViolation, firstRefusal, type Violation } from '../policies/violation';
import type { OpenRepository } from '../repositories/openRepository';

type RefsVerb = 'push' | 'create-branch' | 'delete-branch' | 'create-tag' | 'delete-tag';
/** A repository as it is asked about; who asks has seen it. */
type Place = Pick<OpenRepository, 'org' | 'name' | 'object'>;

/** One reference that was moved, made or deleted; `reason` of one that was not. */
export interface NotedRef {
  readonly ref: string;
  readonly oldOid?: string | undefined;
  readonly newOid?: string | undefined;
  readonly reason?: string;
  /** The rule that refused it: `RefPolicy/no-binaries`. */
  readonly by?: string;
}

/**
 * Throws unless the actor may change references; the record of it is left to {@link noteRefs}, which knows what became of it. A refusal says
 * whom to ask. Answers the rule that allows it.
 */
export async function requireRefsVerb(ctx: ForgeContext, repository: Place, { verb, actor }: { verb: RefsVerb; actor: Actor }): Promise<string> {
  const { org, name } = repository;
  try {
    return await requireQuietly(ctx.resources.as(actor), verb, { kind: Repository, org, name });
  } catch (error) {
    // A token that is too narrow is no matter of roles.
    if (!isStatusError(error, 'Forbidden') || actor.limits !== undefined) throw error;
    const givers = await whoGivesRoles(ctx, org, name);
    throw new StatusError('Forbidden', `${error.message.replace(/[.\s]+$/, '')}. ${givers} can give you the role for it.`, { ...error.details, cause: error });
  }
}

/** Leaves one record of everything that one request did to references, or was refused. */
export async function noteRefs(
  repository: Place, done: { verb: RefsVerb; actor: Actor; rule: string; moved: readonly NotedRef[]; refused?: readonly NotedRef[]; notes?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { verb, actor, rule, moved, refused = [], notes = {} } = done;
  if (moved.length === 0 && refused.length === 0) return;
  const { org, name, object } = repository;
  const refs = moved.slice(0, MAX_NOTED).map(describeRef);
  await actor.trail?.note(actor, {
    verb,
    kind: Repository.names.kind,
    org,
    name,
    uid: object.metadata.uid,
    outcome: moved.length > 0 ? 'allowed' : 'denied',
    rule: moved.length > 0 ? rule : ruleIdOf(refused[0]?.by),
    ...(moved.length > 0 || refused[0]?.reason === undefined ? {} : { reason: refused[0].reason }),
    details: { refs, ...(moved.length > refs.length ? { refCount: moved.length } : {}), ...(refused.length === 0 ? {} : { refused: refused.slice(0, MAX_NOTED).map(describeRef) }), ...notes },
  });
}

/** What a push was refused, each reference with the first rule that stopped it. */
export function refusedRefs(changes: readonly NotedRef[], violations: readonly Violation[], org = ''): NotedRef[] {
  return changes.flatMap(({ ref, oldOid, newOid }) => {
    const refusal = firstRefusal(violations.filter((each) => each.ref === ref));
    return refusal === undefined ? [] : [{ ref, oldOid, newOid, reason: describeViolation(refusal, org), by: `${refusal.rule.kind}/${refusal.rule.name}` }];
  });
}

/** What went through though a rule says otherwise, and why: never the secret, only where it was found. */
export function violationNotes(violations: readonly ContentViolation[], opts: { moved: readonly NotedRef[]; overrideReason: string | undefined }): Record<string, unknown> {
  const bypassed = violations.filter(({ ref, outcome }) => outcome === 'bypassed' && opts.moved.some((change) => change.ref === ref));
  return {
    ...(bypassed.length === 0 ? {} : { bypassed: bypassed.slice(0, MAX_NOTED).map(describeBypass), ...(bypassed.length > MAX_NOTED ? { bypassedCount: bypassed.length } : {}) }),
    ...(opts.overrideReason === undefined || bypassed.length === 0 ? {} : { overrideReason: opts.overrideReason }),
  };
}

function describeBypass({ ref, rule, sha, path, line, secretRule, message }: ContentViolation): Record<string, string | number> {
  return {
    ref, by: `${rule.kind}/${rule.name}`, what: message, ...(sha === undefined ? {} : { commit: sha }), ...(path === undefined ? {} : { path }), ...(line === undefined ? {} : { line }),
    ...(secretRule === undefined ? {} : { secretRule }),
  };
}

function ruleIdOf(by: string | undefined): string {
  return by?.startsWith('RefPolicy/') === true ? 'ref-policy' : 'branch-protection';
}

/** A mirror pushes thousands of references; a record stays readable. */
const MAX_NOTED = 100;
const MAX_NAMED = 3;

function describeRef({ ref, oldOid, newOid, reason, by }: NotedRef): Record<string, string> {
  return { ref, ...(oldOid === undefined ? {} : { old: oldOid }), ...(newOid === undefined ? {} : { new: newOid }), ...(reason === undefined ? {} : { reason }), ...(by === undefined ? {} : { by }) };
}

/** The people who may say who may do what in a repository: its own administrators, else the organization's. */
async function whoGivesRoles(ctx: ForgeContext, org: string, repository: string): Promise<string> {
  const permissions = await ctx.resources.list(RepositoryPermission, { org, fieldSelector: `spec.repository=${repository},spec.permission=admin` });
  const own = permissions.items.filter(({ spec }) => spec.subject.kind === 'User' && !spec.revoked).map(({ spec }) => spec.subject.name);
  if (own.length > 0) return `${nameSome(own)}, who administers ${repository},`;
  const { items } = await ctx.resources.list(User, { org });
  const people = items.filter(({ spec }) => !spec.disabled && givesAdministration(spec)).map(({ metadata }) => metadata.name);
  return people.length === 0 ? 'An administrator of the installation' : `${nameSome(people)}, who administers ${org},`;
}

function nameSome(names: readonly string[]): string {
  return names.length <= MAX_NAMED ? names.join(' or ') : `${names.slice(0, MAX_NAMED).join(', ')} or another`;
}
