import type { KradleObject } from '#shared/kind/defineKind';
import { decodeShared } from '../objectCodec';
import type { ObjectRow } from './dialect';
import { RowCache } from './sqlite/rowCache';

/** Who signs in, the organization, what is being worked on: read with every request. */
const KEPT = { maxRows: 4_096, maxCharacters: 6 * 1024 * 1024 };

interface ReadRow extends ObjectRow {
  readonly object: KradleObject;
}

/** Decodes rows; one that is read again as it was is not decoded again. What it answers is shared, so frozen. */
export class ObjectReader {
  readonly #known = new RowCache<ReadRow>(KEPT);

  read(row: ObjectRow): KradleObject {
    const { key, revision, value } = row;
    const known = this.#known.get(key);
    // The text as well: a database that was set back to an earlier state gives its revisions out once more.
    if (known?.revision === revision && known.value === value) return known.object;
    const object = decodeShared(value, revision);
    this.#known.add({ key, revision, value, object });
    return object;
  }
}
