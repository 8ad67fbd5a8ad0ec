import type { KradleObject } from '#shared/kind/defineKind';
import { decodeShared } from '../objectCodec';
import type { ObjectRow } from './dialect';
import { RowCache } from './sqlite/rowCache';

/** Who signs in, the organization, what is being worked on: read with every request. */
const KEPT = { maxRows: 4_096, maxCharacters: 6 * 1024 * 1024 };
/** Decoded, a row takes several times its text. What a controller looks at once a minute is not worth that. */
const AGAIN_WITHIN_MS = 30_000;

interface ReadRow extends ObjectRow {
  readonly readAtMs: number;
  /** From the second read on, if that came soon. */
  object?: KradleObject;
}

/**
 * Decodes rows; one that is read again and again as it was is not decoded again, and is remembered until it is told to forget it. What it answers
 * is shared, so frozen.
 */
export class ObjectReader {
  readonly #known = new RowCache<ReadRow>(KEPT);
  readonly #elapsed: () => number;

  /** `elapsed`: milliseconds since some moment. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** The object as it was read last, which is not how it must stand now. */
  recall(key: string): KradleObject | undefined {
    return this.#known.get(key)?.object;
  }

  forget(key: string): void {
    this.#known.remove(key);
  }

  read(row: ObjectRow): KradleObject {
    const { key, revision, value } = row;
    const known = this.#known.get(key);
    // The text as well: a database that was set back to an earlier state gives its revisions out once more.
    const isAsKnown = known?.revision === revision && known.value === value;
    if (isAsKnown && known.object !== undefined) return known.object;
    const object = decodeShared(value, revision);
    const readAtMs = this.#elapsed();
    if (isAsKnown && readAtMs - known.readAtMs <= AGAIN_WITHIN_MS) known.object = object;
    else this.#known.add({ key, revision, value, readAtMs });
    return object;
  }
}
