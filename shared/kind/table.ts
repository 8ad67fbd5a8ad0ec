import { getPath } from './paths';
import type { AnyKind, Column, ColumnType } from './defineKind';

/** A column of a table of this kind, ready to show. */
export interface TableColumn extends Column {
  /** Stable across renames of the header: what a URL or a saved view stores. */
  readonly id: string;
  /** Whether a list may be sorted by it; lists sort by path. */
  readonly sortable: boolean;
  readonly align: 'start' | 'end';
}

const NUMERIC: ReadonlySet<ColumnType> = new Set(['integer', 'number', 'usd', 'bytes']);

/** The kind's columns with the name in front. `wide` adds those of priority 1 and above. */
export function tableColumns(kind: Pick<AnyKind, 'columns'>, opts: { wide?: boolean } = {}): TableColumn[] {
  const name: Column = { name: 'Name', path: 'metadata.name', type: 'string' };
  // A kind whose own first column is called Name shows that beside the object's name.
  return [name, ...kind.columns]
    .filter((column) => opts.wide === true || (column.priority ?? 0) === 0)
    .map((column) => ({ ...column, id: column.path, sortable: !column.path.includes('[]'), align: NUMERIC.has(column.type) ? 'end' : 'start' }));
}

/** The raw value of a cell; arrays of scalars stay arrays. Undefined when the object has none. */
export function cellValue(column: Column, object: unknown): unknown {
  return getPath(object, column.path);
}

/** A cell as plain text, for terminals and exports; empty when there is no value. `now` is in ms since the epoch. */
export function cellText(column: Column, object: unknown, now: number): string {
  const value = cellValue(column, object);
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((element) => scalarText(element)).join(',');
  switch (column.type) {
    case 'age':
      return typeof value === 'string' ? formatAge(now - Date.parse(value)) : '';
    case 'usd':
      return typeof value === 'number' ? `$${value.toFixed(value !== 0 && Math.abs(value) < 0.1 ? 4 : 2)}` : '';
    case 'bytes':
      return typeof value === 'number' ? formatBytes(value) : '';
    default:
      return scalarText(value);
  }
}

/** A duration in ms as `kubectl` shows ages: at most two units, coarser as it grows: `12s`, `5m12s`, `3h4m`, `2d5h`, `40d`. */
export function formatAge(ms: number): string {
  if (!Number.isFinite(ms)) return '';
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return twoUnits([minutes, 'm'], [seconds % 60, 's']);
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return twoUnits([hours, 'h'], [minutes % 60, 'm']);
  if (hours < 48) return `${hours}h`;
  if (days < 8) return twoUnits([days, 'd'], [hours % 24, 'h']);
  return days < 730 ? `${days}d` : twoUnits([Math.floor(days / 365), 'y'], [days % 365, 'd']);
}

/** Bytes in powers of 1024: `512 B`, `1.5 KiB`, `20 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let [value, unit] = [bytes, 0];
  while (Math.abs(value) >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

type Amount = readonly [count: number, unit: string];

function twoUnits(major: Amount, minor: Amount): string {
  return minor[0] === 0 ? major.join('') : major.join('') + minor.join('');
}

function scalarText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
