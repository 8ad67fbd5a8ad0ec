import type { ColumnDef } from '@tanstack/react-table';
import type { KradleObject } from '#shared/kind/defineKind';
import type { KindCatalogue, KindDescription } from '../shell/useKinds';
import { objectHref, resourceHref } from '../shell/objectHref';
import { RowLink } from '../ui/RowLink';
import { CellValue } from './CellValue';

/** The columns of a kind's table: the name, then what the kind declares. */
export function resourceColumns(kind: KindDescription, opts: { org: string; kinds: KindCatalogue | undefined }): ColumnDef<KradleObject>[] {
  const { org } = opts;
  return [
    {
      id: 'name',
      header: 'Name',
      meta: { width: 'minmax(9rem, 1.6fr)', sortPath: 'metadata.name' },
      cell: ({ row: { original } }) => (
        <RowLink to={resourceHref(org, kind.plural, original.metadata.name)}>
          {original.metadata.name}
          {original.metadata.deletionTimestamp !== undefined && <span className="ml-2 text-xs font-normal text-warning">being deleted</span>}
        </RowLink>
      ),
    },
    ...kind.columns.map((column): ColumnDef<KradleObject> => {
      const refKind = kind.refs.find((reference) => reference.path === column.path)?.kind;
      return {
        id: column.path,
        header: column.name,
        meta: {
          width: WIDTHS[column.type] ?? 1,
          align: NUMERIC.has(column.type) ? 'end' : 'start',
          // A narrow window has room for the name and for how it is.
          priority: (column.priority ?? 0) > 0 ? 2 : column.type === 'phase' ? 0 : 1,
          sortPath: column.path,
        },
        cell: ({ row: { original } }) => (
          <CellValue column={column} object={original} href={(name) => (refKind === undefined || opts.kinds?.find(refKind) === undefined ? undefined : objectHref(org, opts.kinds.find(refKind)?.plural ?? refKind, name))} />
        ),
      };
    }),
  ];
}

const WIDTHS: Readonly<Record<string, string>> = { age: '96px', date: '96px', phase: '140px', boolean: '72px', integer: '88px', number: '88px', usd: '88px', bytes: '88px' };
const NUMERIC: ReadonlySet<string> = new Set(['integer', 'number', 'usd', 'bytes']);
