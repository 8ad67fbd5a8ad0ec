import type { RunItem, RunMessageItem } from '#shared/runs/runView';
import { messageParts, type MessageParts } from './messageParts';

/** One row of the list: an item, or a part of a long message. */
export interface TranscriptRow {
  readonly key: string;
  readonly item: RunItem;
  /** Position of the item in the view. */
  readonly index: number;
  /** The part's text; absent where the row shows the whole item. */
  readonly text?: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** The rows of the items. What did not change keeps its rows, so that a frame costs what arrived in it. */
export class TranscriptRows {
  readonly #known = new WeakMap<RunItem, readonly TranscriptRow[]>();
  /** The last message that was split, which is the one that grows. */
  #growing: { readonly id: string; readonly length: number; readonly parts: MessageParts } | undefined;

  of(items: readonly RunItem[]): readonly TranscriptRow[] {
    const rows: TranscriptRow[] = [];
    items.forEach((item, index) => {
      for (const row of this.#rowsOf(item, index)) rows.push(row);
    });
    return rows;
  }

  #rowsOf(item: RunItem, index: number): readonly TranscriptRow[] {
    const known = this.#known.get(item);
    if (known?.[0]?.index === index) return known;
    const rows = item.type === 'message' && item.role !== 'thought' ? this.#messageRows(item, index) : [{ key: item.id, item, index, isFirst: true, isLast: true }];
    this.#known.set(item, rows);
    return rows;
  }

  #messageRows(item: RunMessageItem, index: number): TranscriptRow[] {
    const before = this.#growing?.id === item.id && this.#growing.length <= item.text.length ? this.#growing.parts : undefined;
    const split = messageParts(item.text, before);
    this.#growing = { id: item.id, length: item.text.length, parts: split };
    // A message that was cut exactly at its end has an empty last part.
    const parts = split.parts.length > 1 && split.parts.at(-1) === '' ? split.parts.slice(0, -1) : split.parts;
    return parts.map((text, part) => ({ key: part === 0 ? item.id : `${item.id}/${part}`, item, index, text, isFirst: part === 0, isLast: part === parts.length - 1 }));
  }
}

/** Whether two rows look the same: an earlier part of a message that grows at its end does not change. */
export function sameRow(a: TranscriptRow, b: TranscriptRow): boolean {
  if (a === b) return true;
  if (a.text === undefined || a.key !== b.key || a.text !== b.text || a.isFirst !== b.isFirst || a.isLast !== b.isLast) return false;
  return !a.isLast || a.item === b.item;
}

/** Position of the row that shows the event: the last one that began at or before it. -1 when all began later. */
export function rowOfSeq(rows: readonly TranscriptRow[], seq: number): number {
  let found = -1;
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index];
    if (row === undefined || row.item.seq > seq) break;
    if (row.isFirst) found = index;
  }
  return found;
}

/** `#e123` names event 123. */
export function parseEventHash(hash: string): number | undefined {
  const match = /^#?e(\d{1,12})$/.exec(hash);
  return match === null ? undefined : Number(match[1]);
}
