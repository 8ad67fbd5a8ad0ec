import { negotiateKube, type KubeForm } from '../kubeAccept';
import type { IncludeObject } from './listParameters';
import type { KubeObject, ObjectView } from './kubeObject';
import { tableForm } from './tableForm';

/** How objects are written: as they are, by their metadata alone, or as rows of a table. */
export interface ObjectForm {
  /** Equal for forms that write equal text. */
  readonly key: string;
  /** What a list says beside its metadata and its members. */
  readonly list: Readonly<Record<string, unknown>>;
  /** The field of a list that holds the members. */
  readonly members: 'items' | 'rows';
  /** An object as a member of a list. */
  member(object: KubeObject): unknown;
  /** An object by itself, or in an event. `headless` leaves out what the first event of a stream has said. */
  whole(object: KubeObject, opts?: { headless?: boolean }): unknown;
  /** What a bookmark's event carries. */
  bookmark(metadata: { resourceVersion: string; annotations?: Record<string, string> }): unknown;
}

const META_GROUP = 'meta.k8s.io';
const FORMS: readonly KubeForm[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'].flatMap((as) => ['v1', 'v1beta1'].map((version) => ({ as, group: META_GROUP, version })));

/** The form that a request accepts, and whether it is to be YAML. `NotAcceptable` when it accepts none. */
export function negotiateForm(
  accept: string | undefined,
  view: ObjectView,
  opts: { types: readonly string[]; includeObject: IncludeObject; now: () => number },
): { type: string; form: ObjectForm } {
  const { type, form } = negotiateKube(accept, { types: opts.types, forms: FORMS });
  if (form === undefined) return { type, form: plainForm(view) };
  const apiVersion = `${form.group}/${form.version}`;
  return { type, form: form.as === 'Table' ? tableForm(view, { apiVersion, includeObject: opts.includeObject, now: opts.now }) : metadataForm(apiVersion) };
}

/** Objects under the names that were asked for: in an older group an object is answered as what it was called there. */
export function plainForm({ apiVersion, kindName }: ObjectView): ObjectForm {
  const named = (object: KubeObject): unknown => (object.apiVersion === apiVersion && object.kind === kindName ? object : { ...object, apiVersion, kind: kindName });
  return {
    key: 'object',
    list: { apiVersion, kind: `${kindName}List` },
    members: 'items',
    member: named,
    whole: named,
    bookmark: (metadata) => ({ apiVersion, kind: kindName, metadata: { ...metadata, creationTimestamp: null } }),
  };
}

function metadataForm(apiVersion: string): ObjectForm {
  const kind = 'PartialObjectMetadata';
  const partial = ({ metadata }: KubeObject): unknown => ({ apiVersion, kind, metadata });
  return {
    key: `metadata ${apiVersion}`,
    list: { apiVersion, kind: `${kind}List` },
    members: 'items',
    member: partial,
    whole: partial,
    bookmark: (metadata) => ({ apiVersion, kind, metadata: { ...metadata, creationTimestamp: null } }),
  };
}
