import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import { Organization } from '#shared/kinds/identity/organization';
import { organizationNotFound, type AccessDecision, type Authorizer, type Visible } from '../../resources/authorize';
import type { ResourceClient } from '../../resources/resourceClient';
import type { OrgSnapshots } from './orgSnapshots';
import { buildSnapshot, type SnapshotModel } from './snapshotModel';

/** What a request that names no organization is about, where there is one of this name. */
export const DEFAULT_ORG = 'default';

export interface SnapshotDeps {
  readonly snapshots: Pick<OrgSnapshots, 'current'>;
  readonly kinds: readonly AnyKind[];
  readonly authorizer: Authorizer;
  /** Objects of a kind in an organization, counted without reading them. */
  readonly count: (kind: AnyKind, org: string) => Promise<number>;
}

/**
 * The snapshot of an organization as this actor may see it: kinds that it may not list are not in it, and not counted.
 *
 * @throws NotFound (ORG_NOT_FOUND) for an organization that is not there or hidden; Forbidden when no kind of it may be listed.
 */
export async function readSnapshot(deps: SnapshotDeps, resources: ResourceClient, query: { org?: string; limit?: number; continue?: string }): Promise<SnapshotModel> {
  const orgs = (await resources.list(Organization, { org: '*' })).items.map(({ metadata, spec }) => ({ slug: metadata.name, displayName: spec.displayName, namespace: orgNamespace(metadata.name) }));
  const name = query.org ?? (orgs.find(({ slug }) => slug === DEFAULT_ORG) ?? orgs[0])?.slug ?? DEFAULT_ORG;
  const org = orgs.find(({ slug }) => slug === name);
  if (org === undefined) throw organizationNotFound(name);
  const kinds = await listableKinds(deps, resources, name);
  const counts = new Map<string, number>();
  for (const kind of kinds) if (kind.appendOnly === true) counts.set(kind.names.kind, await deps.count(kind, name));
  const current = await deps.snapshots.current(name);
  const visible = await visibleRows(deps, resources, { org: name, kinds });
  const rows = visible === undefined ? current.rows : current.rows.filter(([, , subject]) => visible(subject));
  return buildSnapshot({ ...current, rows }, { ...query, org, orgs, kinds, counts });
}

/** Undefined: all of them. */
async function visibleRows({ authorizer }: SnapshotDeps, { actor }: ResourceClient, { org, kinds }: { org: string; kinds: readonly AnyKind[] }): Promise<Visible | undefined> {
  const byKind = new Map<string, Visible>();
  for (const kind of kinds) {
    const visible = await authorizer.visibility(actor, { kind, org });
    if (visible !== undefined) byKind.set(kind.names.kind, visible);
  }
  return byKind.size === 0 ? undefined : (subject) => byKind.get(subject.kind)?.(subject) ?? true;
}

async function listableKinds(deps: SnapshotDeps, { actor }: ResourceClient, org: string): Promise<AnyKind[]> {
  const own = deps.kinds.filter((kind) => kind.placement === 'org');
  const decisions = await Promise.all(own.map((kind) => deps.authorizer.decide(actor, { verb: kind.readVerb ?? 'list', kind, org })));
  const allowed = own.filter((_, index) => decisions[index]?.allowed === true);
  if (allowed.length > 0) return allowed;
  const refusal = decisions.find((decision): decision is Extract<AccessDecision, { allowed: false }> => !decision.allowed);
  throw refusal === undefined || refusal.hidden === 'organization' ? organizationNotFound(org) : new StatusError('Forbidden', refusal.reason);
}
