import { ACCESS_LIMITS } from '#shared/access/limits';
import { coversScope, isAtLeast } from '#shared/access/roles';
import type { AccessRule } from '#shared/access/rules';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Clock } from '../../../app/clock';
import type { Actor } from '../../../resources/actor';
import { maySeeOrganization, type AccessDecision, type AccessRequest, type Authorizer, type Visible } from '../../../resources/authorize';
import { Repository } from '#shared/kinds/forge/repository';
import { organizationOf } from '../../../resources/objectScope';
import type { AccessFacts } from './accessFacts';
import { refuseEscalation } from './escalation';
import type { OrgFacts, SubjectKind } from './orgFacts';
import { isOwn } from './ownership';
import { noRule, notMember, refuseBy, refuseByRule, type Refusal } from './refusals';
import type { ObjectRepositories, RepositoryGraph } from './repositoryGraph';
import { isInForce, ruleCovers } from './resourceRules';
import { createRuleBook } from './ruleBook';
import { Standing } from './standing';

/** Verbs that change nothing: all that a suspended organization still answers. */
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'fetch', 'download', 'read-audit', 'export-audit', 'verify-audit']);

export interface AccessAuthorizerOptions {
  readonly facts: AccessFacts;
  readonly graph: RepositoryGraph;
  readonly clock: Clock;
  readonly runKind: AnyKind;
}

/** Decides by the permission table (`shared/access/rules.ts`), its limits (`limits.ts`), and what the facts say of the actor. */
export function createAccessAuthorizer({ facts, graph, clock, runKind }: AccessAuthorizerOptions): Authorizer {
  const book = createRuleBook();
  const visibles = new WeakMap<Standing, Map<string, Visible | undefined>>();
  const everywhere = new WeakMap<Actor, Map<string, Everywhere>>();

  /** Known at once but for the first question about an organization. */
  function lookUp(actor: Actor, org: string): Known | Promise<Known> {
    if (actor.orgs === '*') return { standing: Standing.everything, facts: undefined };
    const found = facts.of(org);
    return found instanceof Promise ? found.then((each) => known(actor, org, each)) : known(actor, org, found);
  }

  function known(actor: Actor, org: string, of: OrgFacts): Known | Promise<Known> {
    const standing = of.standing(subjectKind(actor), actor.name);
    if (standing === undefined || standing.unlimited) return { standing, facts: of };
    const whole = facts.withParents(org);
    const answer = { standing, facts: of };
    return whole instanceof Promise ? whole.then(() => answer) : answer;
  }

  async function decide(actor: Actor, request: AccessRequest): Promise<AccessDecision> {
    const { kind, org, verb } = request;
    if (actor.kind === 'system') return SYSTEM;
    if (actor.kind === 'run') return decideForRun(actor, request, runKind);
    if (actor.kind === 'deploy-key') return decideForDeployKey(actor, request, (await facts.of(request.org)).suspended);
    if (org === '*') return READS.has(verb) ? { allowed: true, rule: ACCESS_LIMITS.members.id } : decideEverywhere(actor, request);
    if (!maySeeOrganization(actor, org)) return kind.placement === 'platform' && verb === 'create' ? decideEverywhere(actor, request) : notMember(org);
    const found = lookUp(actor, org);
    const { standing, facts: of } = found instanceof Promise ? await found : found;
    if (standing === undefined) return notMember(org);
    return decideFor({ actor, standing, of, request });
  }

  function decideFor(asked: Asked): AccessDecision {
    const { actor, standing, of, request } = asked;
    const { org, verb, object, proposed } = request;
    const subject = object ?? proposed;
    const about = subject === undefined ? undefined : standing.unlimited ? NO_REPOSITORIES : graph.of(subject, of?.parentOf ?? NO_PARENTS);
    if (object !== undefined && about !== undefined && !standing.mayKnow(about, object) && boundRuleFor(asked, about) === undefined) return hidden(request);
    const unknown = of === undefined || proposed === undefined || standing.unlimited ? undefined : newlyHidden(asked, { of, object, proposed });
    if (unknown !== undefined) return unknown;
    const granted = allowedBy(asked, about);
    if ('refusal' in granted) return granted.refusal;
    // Administrators of the installation have everything.
    if (of === undefined) return { allowed: true, rule: granted.rule };
    if (of.suspended && !READS.has(verb) && !(verb === 'resume' && isAtLeast(standing.role, 'owner'))) {
      return refuseBy(ACCESS_LIMITS.suspended, `Organization "${org}" is suspended: nothing can be written to it until an owner resumes it`, { code: 'ORG_SUSPENDED' });
    }
    if (!READS.has(verb)) {
      const isWhole = request.draft !== true && (proposed !== undefined || verb === 'delete');
      const escalates = WRITES.has(verb) && isWhole ? refuseEscalation({ actor, org, standing, facts: of, nowMs: clock.now(), before: object, after: proposed }) : undefined;
      if (escalates !== undefined) return refuseBy(escalates.limit, escalates.reason);
    }
    return { allowed: true, rule: granted.rule };
  }

  /** The row, or the role binding, that allows it; else the refusal of the least demanding one. */
  function allowedBy(asked: Asked, about: ObjectRepositories | undefined): { readonly rule: string } | { readonly refusal: Refusal } {
    const { actor, standing, request } = asked;
    const { kind, verb } = request;
    const rules = book.rulesFor(kind.names.kind, verb);
    let unscoped: AccessRule | undefined;
    for (const rule of rules) {
      if (!meets(asked, { rule, about })) continue;
      if (actor.limits === undefined || coversScope(actor.limits.scopes, rule.scopes)) return { rule: rule.id };
      unscoped ??= rule;
    }
    const binding = unscoped === undefined ? boundRuleFor(asked, about) : undefined;
    if (binding !== undefined) return { rule: `${ACCESS_LIMITS.binding.id}:${binding}` };
    if (unscoped !== undefined) {
      return { refusal: refuseBy(ACCESS_LIMITS.scope, `Your token may not ${verb} objects of kind ${kind.names.kind}: that takes the scope ${unscoped.scopes.map((scope) => `"${scope}"`).join(' or ')}. Make a token that has it`) };
    }
    // A secret of the person who owns it, like a key or a view that is not shared.
    const owned = READS.has(verb) && request.object !== undefined && rules.some(({ needs }) => 'own' in needs && needs.own === true);
    if (owned) return { refusal: hidden(request) };
    const [least] = rules;
    if (least === undefined) return { refusal: noRule(request) };
    return { refusal: refuseByRule(least, request, { standing, repositories: about?.named.map(({ name }) => name) ?? [] }) };
  }

  function meets({ actor, standing, request }: Asked, { rule, about }: { rule: AccessRule; about: ObjectRepositories | undefined }): boolean {
    const { needs } = rule;
    const { object, proposed, verb } = request;
    const subject = object ?? proposed;
    if ('installation' in needs) return actor.orgs === '*';
    if (needs.own === true && subject !== undefined && !isOwn({ actor, verb, object: subject, proposed })) return false;
    if ('org' in needs) return isAtLeast(standing.role, needs.org);
    return about === undefined ? standing.hasSomeRepositoryRole(needs.repository) : standing.hasRepositoryRole(about, needs.repository);
  }

  function boundRuleFor({ standing, request }: Asked, about: ObjectRepositories | undefined): string | undefined {
    const { kind, verb, name } = request;
    const nowMs = clock.now();
    return standing.membership.bindings.find((rule) =>
      isInForce(rule, nowMs) && ruleCovers(rule, kind, verb)
      && (rule.resourceNames === undefined || (name === undefined ? READS.has(verb) && request.object === undefined : rule.resourceNames.includes(name)))
      && (rule.repository === undefined || about === undefined || (about.named.length > 0 && about.named.every((each) => each.name === rule.repository))))?.binding;
  }

  /** Something that the write newly names and that the actor may not know of: as if it were not there. */
  function newlyHidden(asked: Asked, { of, object, proposed }: { of: OrgFacts; object: KradleObject | undefined; proposed: KradleObject }): Refusal | undefined {
    if (proposed.kind === Repository.names.kind) return undefined;
    const [after, before] = [graph.direct(proposed, { unbound: true }), object === undefined ? undefined : graph.direct(object, { unbound: true })];
    const { standing, actor, request: { org } } = asked;
    const known = (name: string) => standing.repositoryRole(name) !== undefined
      || boundRuleFor({ actor, standing, of, request: { verb: 'get', kind: Repository, org, name } }, { named: [{ name, belongs: true }], unresolved: [] }) !== undefined;
    const repository = after.named.find(({ name }) => !known(name) && before?.named.some((each) => each.name === name) !== true);
    if (repository !== undefined) return missing(Repository, repository.name);
    const thing = after.via.find(({ kind, name }) =>
      before?.via.some((each) => each.kind === kind && each.name === name) !== true && graph.above({ kind, name }, of.parentOf)?.every((each) => known(each.name)) !== true);
    const kind = thing === undefined ? undefined : graph.kind(thing.kind);
    return thing === undefined || kind === undefined ? undefined : missing(kind, thing.name);
  }

  function decideEverywhere(actor: Actor, request: AccessRequest): AccessDecision {
    const granted = allowedBy({ actor, standing: Standing.everything, of: undefined, request }, undefined);
    if ('rule' in granted && actor.orgs === '*') return { allowed: true, rule: granted.rule };
    if ('refusal' in granted && actor.orgs === '*') return granted.refusal;
    const isCreation = request.kind.placement === 'platform' && request.verb === 'create';
    return { allowed: false, hidden: false, rule: 'installation', reason: isCreation ? `Creating objects of kind ${request.kind.names.kind} takes access to all organizations, which this installation's administrators have` : 'You may not do this in every organization; ask about one' };
  }

  async function visibility(actor: Actor, { kind, org }: { kind: AnyKind; org: string }): Promise<Visible | undefined> {
    if (actor.kind === 'system' || (actor.orgs === '*' && actor.limits === undefined)) return undefined;
    if (actor.kind === 'run' || actor.kind === 'deploy-key') return NOTHING;
    if (org !== '*') return maySeeOrganization(actor, org) ? visibilityIn(actor, org, kind) : NOTHING;
    if (actor.orgs === '*') return visibilityIn(actor, '*', kind);
    const parts = new Map<string, Visible | undefined>();
    for (const each of actor.orgs) if (maySeeOrganization(actor, each)) parts.set(each, await visibilityIn(actor, each, kind));
    const mine = everywhere.get(actor) ?? new Map<string, Everywhere>();
    everywhere.set(actor, mine);
    const known = mine.get(kind.names.kind);
    if (known !== undefined && known.parts.size === parts.size && [...parts].every(([name, part]) => known.parts.has(name) && known.parts.get(name) === part)) return known.visible;
    const visible: Visible = (object) => {
      const of = organizationOf(kind, object);
      const part = parts.get(of);
      return parts.has(of) && (part === undefined || part(object));
    };
    mine.set(kind.names.kind, { parts, visible });
    return visible;
  }

  async function visibilityIn(actor: Actor, org: string, kind: AnyKind): Promise<Visible | undefined> {
    const { standing, facts: of } = await lookUp(actor, org);
    if (standing === undefined) return NOTHING;
    const scopes = actor.limits?.scopes.join() ?? '';
    const key = `${kind.names.kind}/${subjectKind(actor)}/${actor.name}/${scopes}`;
    const mine = visibles.get(standing) ?? new Map<string, Visible | undefined>();
    visibles.set(standing, mine);
    if (!mine.has(key)) mine.set(key, visibleTo({ actor: untraced(actor), standing, of, request: { verb: kind.readVerb ?? 'get', kind, org } }));
    return mine.get(key);
  }

  /** What a `get` of each object would answer, without its reasons. */
  function visibleTo(asked: Asked): Visible | undefined {
    const { actor, standing, of, request: { kind, verb } } = asked;
    const covered = (rule: AccessRule) => actor.limits === undefined || coversScope(actor.limits.scopes, rule.scopes);
    const rules = book.rulesFor(kind.names.kind, verb).filter(covered);
    const isBound = graph.bound.has(kind.names.kind);
    const whole = rules.some(({ needs }) => !('installation' in needs) && needs.own !== true && ('org' in needs ? isAtLeast(standing.role, needs.org) : standing.unlimited));
    if (whole && (standing.unlimited || !isBound)) return undefined;
    const parentOf = of?.parentOf ?? NO_PARENTS;
    return (object) => {
      const about = standing.unlimited ? NO_REPOSITORIES : graph.of(object, parentOf);
      const one = { ...asked, request: { ...asked.request, name: object.metadata.name, object } };
      return (standing.mayKnow(about, object) && rules.some((rule) => meets(one, { rule, about }))) || boundRuleFor(one, about) !== undefined;
    };
  }

  return { decide, visibility, onChange: (org, listener) => facts.onChange(org, listener) };

  function hidden({ org, name, kind }: AccessRequest): Refusal {
    return refuseBy(ACCESS_LIMITS.hidden, `There is no ${kind.names.kind} "${name ?? ''}" in organization "${org}" that you may see`, { hidden: 'object' });
  }

  function missing(kind: AnyKind, name: string): Refusal {
    return refuseBy(ACCESS_LIMITS.hidden, `There is no ${kind.names.kind} "${name}" that you may see`, { hidden: 'object', missing: { kind, name } });
  }
}

/** What somebody sees of a kind in all of their organizations. */
interface Everywhere {
  readonly parts: ReadonlyMap<string, Visible | undefined>;
  readonly visible: Visible;
}

interface Known {
  readonly standing: Standing | undefined;
  /** Absent for administrators of the installation, who need none. */
  readonly facts: OrgFacts | undefined;
}

interface Asked {
  readonly actor: Actor;
  readonly standing: Standing;
  readonly of: OrgFacts | undefined;
  readonly request: AccessRequest;
}

const SYSTEM: AccessDecision = { allowed: true, rule: ACCESS_LIMITS.system.id };
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'delete']);
const NOTHING: Visible = () => false;
const NO_REPOSITORIES: ObjectRepositories = { named: [], unresolved: [] };
const NO_PARENTS = (): undefined => undefined;

function subjectKind(actor: Actor): SubjectKind {
  return actor.kind === 'service-account' ? 'AgentServiceAccount' : 'User';
}

/** Kept beyond the request. */
function untraced({ trail: _trail, ...actor }: Actor): Actor {
  return actor;
}

function decideForDeployKey({ deploys }: Actor, { org, kind, name, verb }: AccessRequest, suspended: boolean): AccessDecision {
  const limit = ACCESS_LIMITS.deployKey;
  if (deploys === undefined || org !== deploys.org) return refuseBy(limit, 'This deploy key belongs to another organization', { hidden: 'organization' });
  if (kind.names.kind !== Repository.names.kind || name !== deploys.repository) return refuseBy(limit, 'A deploy key opens its one repository and nothing else', { hidden: 'object' });
  if (verb === 'get' || verb === 'fetch') return { allowed: true, rule: limit.id };
  if (verb !== 'push') return refuseBy(limit, `A deploy key may fetch and push, not ${verb}`);
  if (deploys.readOnly) return refuseBy(limit, 'This deploy key is read-only: it may fetch and not push. Whoever maintains the repository can add one that may');
  if (suspended) return refuseBy(ACCESS_LIMITS.suspended, `Organization "${org}" is suspended: nothing can be written to it until an owner resumes it`, { code: 'ORG_SUSPENDED' });
  return { allowed: true, rule: limit.id };
}

function decideForRun(actor: Actor, request: AccessRequest, runKind: AnyKind): AccessDecision {
  const own = actor.run;
  if (own === undefined || request.org !== own.org) return refuseBy(ACCESS_LIMITS.run, 'This token belongs to a run of another organization', { hidden: 'organization' });
  if (request.verb === 'get' && request.kind.names.kind === runKind.names.kind && request.name === own.name) return { allowed: true, rule: ACCESS_LIMITS.run.id };
  return refuseBy(ACCESS_LIMITS.run, `A run's token may read its own ${runKind.names.kind} and nothing else`);
}
