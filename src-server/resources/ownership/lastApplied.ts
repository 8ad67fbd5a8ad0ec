import type { ObjectMeta } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import { MAX_ANNOTATION_BYTES } from '../metadataCauses';

/** Where kubectl's client-side apply keeps the document that it applied. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** The document of the last client-side apply; undefined when there is none, or it cannot be read. */
export function lastAppliedDocument(metadata: Pick<ObjectMeta, 'annotations'>): unknown {
  const text = metadata.annotations?.[LAST_APPLIED_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The annotations with the document that a server-side apply of kubectl sent, so that a client-side apply afterwards knows what was
 * applied last. Kubernetes keeps it up to date where it is already, and drops it where it does not fit.
 */
export function withLastApplied(annotations: Readonly<Record<string, string>>, document: unknown): Record<string, string> {
  const others = withoutLastApplied(annotations);
  const kept = { ...others, [LAST_APPLIED_ANNOTATION]: `${JSON.stringify(withoutBookkeeping(document))}\n` };
  const sizeBytes = Object.entries(kept).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return sizeBytes > MAX_ANNOTATION_BYTES ? others : kept;
}

export function withoutLastApplied<T>({ [LAST_APPLIED_ANNOTATION]: _lastApplied, ...others }: Readonly<Record<string, T>>): Record<string, T> {
  return others;
}

function withoutBookkeeping(document: unknown): unknown {
  if (!isPlainObject(document) || !isPlainObject(document.metadata)) return document;
  const { managedFields: _managedFields, annotations, ...metadata } = document.metadata;
  if (!isPlainObject(annotations)) return { ...document, metadata };
  return { ...document, metadata: { ...metadata, annotations: withoutLastApplied(annotations) } };
}
