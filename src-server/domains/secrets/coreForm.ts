import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { API_VERSION } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';

type Document = Readonly<Record<string, unknown>>;

/** How a kind of Kubernetes' core group, whose fields stand beside its metadata, is kept as a kind with a spec. */
export interface CoreForm {
  readonly kind: AnyKind;
  /** Fields of the core form that are the spec. */
  readonly fields: readonly string[];
  /** What of a field a reader is shown. */
  readonly show: (field: string, value: unknown) => unknown;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A document of the core form as one of the kind; also a merge patch of one. Fields that the form does not have stay, for admission to name. */
export function toKept(form: CoreForm, document: Document): Record<string, unknown> {
  const { metadata, ...rest } = document;
  const fields = Object.entries(rest).filter(([field]) => form.fields.includes(field));
  const others = Object.fromEntries(Object.entries(rest).filter(([field]) => !form.fields.includes(field)));
  if (others.apiVersion === 'v1') others.apiVersion = API_VERSION;
  return { ...others, ...(metadata === undefined ? {} : { metadata: metadataOf(form, metadata, toKept) }), spec: Object.fromEntries(fields) };
}

/** A kept object in the core form. */
export function toCore(form: CoreForm, object: KradleObject | Document): Record<string, unknown> {
  const { metadata, spec, apiVersion: _apiVersion, status: _status, ...rest } = object as Document;
  const fields = Object.entries(isPlainObject(spec) ? spec : {}).filter(([field, value]) => form.fields.includes(field) && !isDefault(field, value));
  return { apiVersion: 'v1', ...rest, metadata: metadataOf(form, metadata, toCore), ...Object.fromEntries(fields.map(([field, value]) => [field, form.show(field, value)])) };
}

/** What Kubernetes leaves out where nobody said it. */
function isDefault(field: string, value: unknown): boolean {
  return (field === 'immutable' && value === false) || (field === 'binaryData' && isPlainObject(value) && Object.keys(value).length === 0);
}

/** Who owns which field, and what kubectl applied last, are documents of the same form. */
function metadataOf(form: CoreForm, metadata: unknown, convert: (form: CoreForm, document: Document) => Record<string, unknown>): unknown {
  if (!isPlainObject(metadata)) return metadata;
  const { annotations, managedFields } = metadata;
  return {
    ...metadata,
    ...(isPlainObject(annotations) && annotations[LAST_APPLIED] !== undefined ? { annotations: withLastApplied(form, annotations, convert) } : {}),
    ...(Array.isArray(managedFields) ? { managedFields: managedFields.map((entry) => ownedFields(form, entry, convert === toCore)) } : {}),
  };
}

function withLastApplied(form: CoreForm, annotations: Document, convert: (form: CoreForm, document: Document) => Record<string, unknown>): Document {
  const { [LAST_APPLIED]: text, ...others } = annotations;
  if (text === null) return annotations;
  let document: unknown;
  try {
    document = JSON.parse(String(text));
  } catch {
    return others;
  }
  if (!isPlainObject(document)) return others;
  // What was written down by whoever applied it may hold values in full.
  const shown = Object.fromEntries(Object.entries(document).map(([field, value]) => [field, form.fields.includes(field) || field === 'stringData' ? form.show(field, value) : value]));
  return { ...others, [LAST_APPLIED]: `${JSON.stringify(convert(form, shown))}\n` };
}

function ownedFields(form: CoreForm, entry: unknown, toCoreForm: boolean): unknown {
  if (!isPlainObject(entry) || !isPlainObject(entry.fieldsV1)) return entry;
  const owned = form.fields.map((field) => `f:${field}`);
  if (toCoreForm) {
    const { 'f:spec': spec, ...others } = entry.fieldsV1;
    const fields = Object.entries(isPlainObject(spec) ? spec : {}).filter(([field]) => owned.includes(field));
    return { ...entry, apiVersion: 'v1', fieldsV1: { ...others, ...Object.fromEntries(fields) } };
  }
  const fields = Object.entries(entry.fieldsV1);
  const [inSpec, others] = [fields.filter(([field]) => owned.includes(field)), fields.filter(([field]) => !owned.includes(field))];
  return { ...entry, apiVersion: API_VERSION, fieldsV1: { ...Object.fromEntries(others), ...(inSpec.length === 0 ? {} : { 'f:spec': Object.fromEntries(inSpec) }) } };
}
