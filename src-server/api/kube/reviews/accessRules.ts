import type { Actor } from '../../../resources/actor';
import type { ServedVersion } from '../servedVersions';
import { decideResource, settledNamespace, type AccessDeps } from './accessDecision';

export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Addresses without resources that everybody who is signed in may read. */
const OPEN_ADDRESSES = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'];
const METRICS = '/metrics';

/** What the actor may do in a namespace, as `kubectl auth can-i --list` shows it: one rule for the resources of a group that have the same verbs. */
export async function resourceRules(deps: AccessDeps, actor: Actor, namespace: string): Promise<ResourceRule[]> {
  const rules: ResourceRule[] = [];
  const groups = new Map(deps.versions.map((version) => [version.group, version]));
  const place = await settledNamespace(deps, actor, namespace);
  for (const version of groups.values()) rules.push(...(await rulesOfVersion(deps, actor, { version, namespace: place })));
  return rules;
}

/** Addresses that the actor may read. `*` at the end stands for what lies below. */
export function readableAddresses(actor: Actor): readonly string[] {
  return actor.kind === 'run' ? OPEN_ADDRESSES : [...OPEN_ADDRESSES, METRICS];
}

/** Whether an address without resources may be read. */
export function mayReadAddress(actor: Actor, path: string): boolean {
  return readableAddresses(actor).some((each) => (each.endsWith('*') ? path.startsWith(each.slice(0, -1)) : path === each));
}

async function rulesOfVersion(deps: AccessDeps, actor: Actor, { version, namespace }: { version: ServedVersion; namespace: string }): Promise<ResourceRule[]> {
  const { group, resources } = version;
  const byVerbs = new Map<string, string[]>();
  const rules: ResourceRule[] = [];
  let isWhole = true;
  for (const { plural, verbs, statusVerbs = [] } of resources) {
    const allowed = async (verb: string, more: { subresource?: string; name?: string } = {}) =>
      (await decideResource(deps, actor, { namespace, verb, group, resource: plural, ...more })).allowed;
    const mine = await filterAsync(verbs, (verb) => allowed(verb));
    const mineOfStatus = await filterAsync(statusVerbs, (verb) => allowed(verb, { subresource: 'status' }));
    add(byVerbs, mine, plural);
    add(byVerbs, mineOfStatus, `${plural}/status`);
    isWhole &&= mine.length === verbs.length && mineOfStatus.length === statusVerbs.length;
    const own = actor.run?.name;
    if (own !== undefined && !mine.includes('get') && (await allowed('get', { name: own }))) {
      rules.push({ verbs: ['get'], apiGroups: [group], resources: [plural], resourceNames: [own] });
    }
  }
  // One rule instead of a hundred for who may do everything with all declared kinds; as in RBAC, `*` includes subresources.
  if (isWhole && resources.every(({ resource }) => resource !== undefined)) return [{ verbs: [...new Set(resources.flatMap(({ verbs }) => verbs))], apiGroups: [group], resources: ['*'] }, ...rules];
  return [...[...byVerbs].map(([verbs, plurals]) => ({ verbs: verbs.split(','), apiGroups: [group], resources: plurals })), ...rules];
}

function add(byVerbs: Map<string, string[]>, verbs: readonly string[], resource: string): void {
  if (verbs.length === 0) return;
  const key = verbs.join(',');
  byVerbs.set(key, [...(byVerbs.get(key) ?? []), resource]);
}

async function filterAsync<T>(values: readonly T[], keep: (value: T) => Promise<boolean>): Promise<T[]> {
  const kept: T[] = [];
  for (const value of values) if (await keep(value)) kept.push(value);
  return kept;
}
