import type { AnyKind } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import type { Actor } from '../../../resources/actor';
import { organizationOf } from '../../../resources/objectScope';
import type { KubeDeps } from '../kubeDeps';
import { readKubeNamespace } from '../kubeNamespace';
import { ownOrganization } from '../objects/objectPlace';
import type { KubeVerb, ServedResource, ServedVersion } from '../servedVersions';

/** What is asked for, in Kubernetes' words: `spec.resourceAttributes` of an access review. `*` means any; absent is the empty string. */
export interface ResourceQuestion {
  /** Empty: in every namespace. */
  readonly namespace?: string | undefined;
  readonly verb: string;
  readonly group?: string | undefined;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly name?: string | undefined;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
}

/** The parts of the door that a decision takes. */
export interface AccessDeps extends Pick<KubeDeps, 'authorizer' | 'organization' | 'resources' | 'core'> {
  readonly versions: readonly ServedVersion[];
}

/** Reads answer what the actor may see, so they are allowed over all namespaces; a write over all namespaces takes all of them. */
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const KUBE_VERBS: ReadonlySet<string> = new Set<KubeVerb>(['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);

/**
 * Whether the actor may do it, as the door's own verbs would decide. A wildcard is allowed when everything that it stands for is.
 * The reason of a refusal says nothing of what the actor may not know of.
 */
export async function decideResource(deps: AccessDeps, actor: Actor, question: ResourceQuestion): Promise<AccessAnswer> {
  const { group = '', resource, subresource = '' } = question;
  const meant = deps.versions
    .filter((each) => group === '*' || each.group === group)
    .flatMap((version) => version.resources.filter((each) => resource === '*' || each.plural === resource).map((each) => ({ ...each, group: version.group })));
  if (meant.length === 0) return { allowed: false, reason: `This server has no resource "${resource}" in the API group "${group}"` };
  const isWildcard = resource === '*' || group === '*';
  let reason = '';
  for (const each of meant) {
    const served = verbsOf(each, subresource);
    if (served === undefined) {
      if (isWildcard) continue;
      return { allowed: false, reason: `${each.plural} has no subresource "${subresource}"` };
    }
    const verbs = question.verb === '*' ? served : [question.verb];
    for (const verb of verbs) {
      // A declared kind has verbs of its own beside those of the address: merge, push.
      if (!served.includes(verb) && (each.resource === undefined || KUBE_VERBS.has(verb))) {
        if (isWildcard) continue;
        return { allowed: false, reason: `${each.plural} takes ${served.join(', ')}, not ${verb}` };
      }
      const answer = await decideOne(deps, actor, { ...question, verb, resource: each });
      if (!answer.allowed) return answer;
      reason = answer.reason;
    }
  }
  return { allowed: true, reason };
}

/** The namespace that is meant: for one that says no organization, that of the organization which the door takes then. */
export async function settledNamespace(deps: AccessDeps, actor: Actor, namespace: string): Promise<string> {
  // A run may not look for one.
  if (readKubeNamespace(namespace).of !== 'platform' || actor.kind === 'run') return namespace;
  const org = await ownOrganization(deps.resources.as(actor), deps.organization);
  return org === undefined ? namespace : orgNamespace(org);
}

/** Verbs of a resource or of its subresource; undefined when it has no such subresource. */
function verbsOf(resource: ServedResource, subresource: string): readonly string[] | undefined {
  if (subresource === '' || subresource === '*') return resource.verbs;
  return subresource === 'status' ? resource.statusVerbs : undefined;
}

type Question = Omit<ResourceQuestion, 'resource' | 'group'> & { readonly resource: ServedResource };

async function decideOne(deps: AccessDeps, actor: Actor, question: Question): Promise<AccessAnswer> {
  const kind = question.resource.resource?.kind ?? deps.core?.kinds.find(({ names }) => names.plural === question.resource.plural);
  if (kind !== undefined) return decideDeclared(deps, actor, { ...question, kind });
  // Kubernetes' own kinds: reviews are for everybody; the others show what is in the organizations that the actor may see.
  if (question.verb === 'create') return { allowed: true, reason: 'Everybody may ask what they may do' };
  const place = question.resource.namespaced ? question.namespace : question.name;
  const target = { verb: question.verb, kind: deps.organization };
  if (place === undefined || place === '') return ask(deps, actor, { ...target, org: '*' });
  const namespace = readKubeNamespace(place);
  if (namespace.of === 'platform') return ask(deps, actor, { ...target, org: '*' });
  if (namespace.of === 'nothing') return noSuchNamespace(place);
  return ask(deps, actor, { ...target, org: namespace.org, name: namespace.org });
}

async function decideDeclared(deps: AccessDeps, actor: Actor, question: Question & { kind: AnyKind }): Promise<AccessAnswer> {
  const { kind, namespace = '', subresource } = question;
  const name = question.name === '' ? undefined : question.name;
  const request = { verb: authorizerVerb(question.verb, subresource), kind, ...(name === undefined ? {} : { name }) };
  if (kind.placement === 'platform' && name !== undefined) {
    const found = await deps.resources.find(kind, { org: name, name });
    return ask(deps, actor, { ...request, org: found === undefined ? name : organizationOf(kind, found) });
  }
  const place = kind.placement === 'platform' || namespace === '' ? undefined : readKubeNamespace(await settledNamespace(deps, actor, namespace));
  if (place === undefined) {
    if (!READS.has(question.verb) && actor.orgs !== '*') return { allowed: false, reason: 'You may not do this in every organization; ask for the namespace of one' };
    return ask(deps, actor, { ...request, org: '*' });
  }
  return place.of === 'organization' ? ask(deps, actor, { ...request, org: place.org }) : noSuchNamespace(namespace);
}

async function ask(deps: AccessDeps, actor: Actor, request: { verb: string; kind: AnyKind; org: string; name?: string }): Promise<AccessAnswer> {
  const decision = await deps.authorizer.decide(actor, request);
  if (decision.allowed) return { allowed: true, reason: '' };
  // The reason of what is hidden would tell that it exists.
  return { allowed: false, reason: decision.hidden !== false ? 'There is nothing of that name, or you may not see it' : decision.reason };
}

function noSuchNamespace(namespace: string): AccessAnswer {
  return { allowed: false, reason: `"${namespace}" is no namespace of an organization; those are called kradle-org-NAME` };
}

/** The door's verbs in the words of the authorizer. */
function authorizerVerb(verb: string, subresource: string | undefined): string {
  const plain = verb === 'patch' ? 'update' : verb === 'deletecollection' ? 'delete' : verb;
  return subresource === 'status' && plain === 'update' ? 'update-status' : plain;
}
