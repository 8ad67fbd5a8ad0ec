import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { namespaceFor } from '#shared/kind/names';
import { ORG_LABEL } from '#shared/kind/objectMeta';
import { minimalObject } from '#shared/kind/minimalObject';

const ORG = 'default';

/** An object of the kind as a read answers it: the least that can be said, with what the server adds. */
export function exampleObject(kind: AnyKind): KradleObject {
  const { apiVersion, kind: name, metadata, spec } = minimalObject(kind);
  return {
    apiVersion: apiVersion as KradleObject['apiVersion'],
    kind: name,
    metadata: {
      ...metadata,
      namespace: namespaceFor(kind, ORG),
      uid: '6f0c5b3e-8a1d-4c9b-9f57-2f6d1c7e8a90',
      resourceVersion: '42',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(kind.placement === 'org' ? { labels: { [ORG_LABEL]: ORG } } : {}),
    },
    spec,
  };
}
