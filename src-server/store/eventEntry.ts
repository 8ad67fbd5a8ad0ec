import { StatusError } from '#shared/api/status';
import type { EventEntry } from './eventLog';

/** Of one entry's data, serialised. */
export const MAX_EVENT_BYTES = 1_048_576;
/** Of one `read`. */
export const MAX_EVENTS_PER_READ = 5_000;

/** The JSON text of an entry's data, after checking what the contract demands of an entry. */
export function encodeEventData(entry: EventEntry): string {
  if (entry.id === '') {
    throw new StatusError('Invalid', 'An event has no id', {
      causes: [{ code: 'FieldValueRequired', field: 'id', message: 'must be unique within the stream, so that a resend is harmless' }],
    });
  }
  // JSON.stringify answers undefined for undefined and functions, whatever its type says.
  const text = (JSON.stringify(entry.data) as string | undefined) ?? 'null';
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= MAX_EVENT_BYTES) return text;
  throw new StatusError('RequestEntityTooLarge', `Event "${entry.id}" has ${sizeBytes} bytes of data; an event may have at most ${MAX_EVENT_BYTES}`);
}

/** Refuses what `EventLog.read` cannot answer. */
export function checkReadOptions(opts: { after?: number; before?: number; limit: number }): void {
  checkPosition('after', opts.after);
  checkPosition('before', opts.before);
  if (Number.isInteger(opts.limit) && opts.limit >= 1 && opts.limit <= MAX_EVENTS_PER_READ) return;
  throw new StatusError('BadRequest', `Cannot read ${opts.limit} events at once`, {
    causes: [{ code: 'FieldValueInvalid', field: 'limit', message: `must be a whole number from 1 to ${MAX_EVENTS_PER_READ}` }],
  });
}

/** A position in a stream is 0 (before the first entry) or the seq of an entry. */
export function checkPosition(field: 'after' | 'before' | 'through', value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return;
  throw new StatusError('BadRequest', `${value} is no position in an event stream`, {
    causes: [{ code: 'FieldValueInvalid', field, message: 'must be a whole number, 0 or more' }],
  });
}
