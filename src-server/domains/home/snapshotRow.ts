import type { oas31 } from 'zod-openapi';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { cellValue } from '#shared/kind/table';

/** What a snapshot says of an object: enough for a list, a count and a decision what to look at, not its whole spec. */
export interface SnapshotRow {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status: {
    readonly phase?: string;
    /** Status of the condition Ready: True, False or Unknown. */
    readonly ready?: string;
  };
  /** The kind's columns by path, `spec.visibility`, as far as they are not above. */
  readonly columns: Readonly<Record<string, unknown>>;
}

/** Longer texts of a column are cut: a title is shown, an essay is read elsewhere. */
export const MAX_TEXT = 200;

export const snapshotRowSchema: oas31.SchemaObject = {
  type: 'object',
  required: ['kind', 'metadata', 'status', 'columns'],
  properties: {
    kind: { type: 'string' },
    metadata: {
      type: 'object',
      required: ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp'],
      properties: {
        name: { type: 'string' }, namespace: { type: 'string' }, uid: { type: 'string' }, resourceVersion: { type: 'string' }, generation: { type: 'integer' },
        creationTimestamp: { type: 'string', format: 'date-time' }, deletionTimestamp: { type: 'string', format: 'date-time' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' }, ready: { type: 'string', description: 'Status of the condition Ready.' } } },
    columns: { type: 'object', additionalProperties: true, description: `The columns of the kind by path. Texts are cut at ${MAX_TEXT} characters.` },
  },
};

export function snapshotRow(kind: AnyKind, object: KradleObject): SnapshotRow {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels } = object.metadata;
  const { phase, conditions } = (object.status ?? {}) as { phase?: string; conditions?: readonly { type: string; status: string }[] };
  const ready = conditions?.find((condition) => condition.type === 'Ready')?.status;
  const columns: Record<string, unknown> = {};
  for (const column of kind.columns) {
    if (column.path.startsWith('metadata.') || column.path === 'status.phase') continue;
    const value = cellValue(column, object);
    if (value !== undefined) columns[column.path] = typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT - 1)}…` : value;
  }
  return {
    kind: kind.names.kind,
    metadata: {
      name, namespace, uid, resourceVersion, generation, creationTimestamp,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(labels === undefined ? {} : { labels }),
    },
    status: { ...(phase === undefined ? {} : { phase }), ...(ready === undefined ? {} : { ready }) },
    columns,
  };
}
