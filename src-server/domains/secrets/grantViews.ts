import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { ResourceClient } from '../../resources/resourceClient';

/** Who may use a secret or a config map, as far as its page says it. */
export interface GrantSummary {
  /** Names of the grants. */
  readonly grants: string[];
  /** `agent-stack/fixer`. */
  readonly grantedTo: string[];
}

/** The grants of an organization, by the name of what they grant. `source` is the field that names it. */
export async function summarizeGrants(resources: ResourceClient, place: { org: string; kind: AnyKind; source: 'secretRef' | 'configMapRef' }): Promise<(name: string) => GrantSummary> {
  const { items } = await resources.list(place.kind, { org: place.org });
  const byName = new Map<string, GrantSummary>();
  for (const grant of items) {
    const { name, subject } = readGrant(grant, place.source);
    const summary = byName.get(name) ?? { grants: [], grantedTo: [] };
    summary.grants.push(grant.metadata.name);
    if (!summary.grantedTo.includes(subject)) summary.grantedTo.push(subject);
    byName.set(name, summary);
  }
  return (name) => byName.get(name) ?? { grants: [], grantedTo: [] };
}

function readGrant({ spec }: KradleObject, source: 'secretRef' | 'configMapRef'): { name: string; subject: string } {
  const reference = spec[source] as { name: string };
  const subject = spec.subject as { kind: string; name: string };
  return { name: reference.name, subject: `${subject.kind}/${subject.name}` };
}
