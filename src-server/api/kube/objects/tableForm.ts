import type { Column } from '#shared/kind/defineKind';
import { PRINTER_TYPES, type PrinterColumn } from '#shared/kind/crd';
import { getPath, isPlainObject, parsePath } from '#shared/kind/paths';
import { formatAge } from '#shared/kind/table';
import type { IncludeObject } from './listParameters';
import type { KubeObject, ObjectView } from './kubeObject';
import type { ObjectForm } from './objectForm';

/** `TableColumnDefinition` of meta.k8s.io. */
interface ColumnDefinition {
  readonly name: string;
  readonly type: PrinterColumn['type'];
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

const NAME_COLUMN: ColumnDefinition = { name: 'Name', type: 'string', format: 'name', description: 'Name of the object, unique within its namespace.', priority: 0 };

/**
 * Objects as rows of a `Table`, which is what kubectl shows: the server decides on columns and computes the cells, as for custom
 * resources with printer columns.
 */
export function tableForm(view: ObjectView, opts: { apiVersion: string; includeObject: IncludeObject; now: () => number }): ObjectForm {
  const { apiVersion, includeObject } = opts;
  const table = { apiVersion, kind: 'Table' };
  const columnDefinitions = [NAME_COLUMN, ...view.columns.map(definitionOf)];
  const cells = view.columns.map(({ path, type }) => ({ path: parsePath(path), type: PRINTER_TYPES[type] }));
  const rowOf = (object: KubeObject) => ({
    cells: [object.metadata.name, ...cells.map(({ path, type }) => cellOf(type, getPath(object, path), opts.now()))],
    object: rowObject(object, view, opts),
  });
  return {
    key: `table ${apiVersion} ${includeObject}`,
    list: { ...table, columnDefinitions },
    members: 'rows',
    member: rowOf,
    whole: (object, { headless = false } = {}) => ({
      ...table, metadata: { resourceVersion: object.metadata.resourceVersion }, columnDefinitions: headless ? null : columnDefinitions, rows: [rowOf(object)],
    }),
    bookmark: (metadata) => ({ ...table, metadata, columnDefinitions: null, rows: [] }),
  };
}

function rowObject(object: KubeObject, view: ObjectView, opts: { apiVersion: string; includeObject: IncludeObject }): unknown {
  switch (opts.includeObject) {
    case 'None':
      return null;
    case 'Metadata':
      return { apiVersion: opts.apiVersion, kind: 'PartialObjectMetadata', metadata: object.metadata };
    case 'Object':
      return { ...object, apiVersion: view.apiVersion, kind: view.kindName };
  }
}

function definitionOf(column: Column): ColumnDefinition {
  return {
    name: column.name,
    type: PRINTER_TYPES[column.type],
    format: '',
    description: column.description ?? `The object's ${column.path}.`,
    priority: column.priority ?? 0,
  };
}

/** A value that is not of its column's type is left out, as Kubernetes does with what a printer column finds. */
function cellOf(type: PrinterColumn['type'], value: unknown, now: number): unknown {
  if (type === 'date') return dateCell(value, now);
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return textOf(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'integer':
      if (typeof value === 'number') return Math.trunc(value);
      // What Kubernetes shows of its own kinds' data.
      return isPlainObject(value) ? Object.keys(value).length : null;
    case 'number':
      return typeof value === 'number' ? value : null;
  }
}

/** kubectl shows dates as ages, and has no clock of the server's to count from. */
function dateCell(value: unknown, now: number): string {
  if (value === undefined || value === null || value === '') return '<unknown>';
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? '<invalid>' : formatAge(now - time);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
