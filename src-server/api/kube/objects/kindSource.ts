import type { AnyKind } from '#shared/kind/defineKind';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { ObjectSource } from './kubeObject';

/** Objects of a declared kind, of one organization or of all that the client's actor may see (`*`). */
export function kindSource(resources: ResourceClient, kind: AnyKind, scope: { org: string; labelSelector?: string; fieldSelector?: string }): ObjectSource {
  const { kind: actorKind, name, orgs } = resources.actor;
  return {
    identity: JSON.stringify([kind.names.plural, scope.org, scope.labelSelector, scope.fieldSelector, actorKind, name, orgs]),
    page: (query) => resources.list(kind, { ...scope, ...query }),
    watch: (query) => resources.watch(kind, { ...scope, ...query }),
  };
}
