/** Source of all rules here: gitprotocol-common(5), "pkt-line Format". */

/** The longest pkt-line, its four digits included. */
export const MAX_PKT_BYTES = 65_520;

export const FLUSH_PKT = Buffer.from('0000');

/** `flush` and the other special packets (delimiter, response end) carry nothing. */
export type Pkt = { readonly kind: 'data'; readonly payload: Buffer } | { readonly kind: 'flush' | 'special' };

export function encodePkt(payload: Buffer | string): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  if (bytes.length + 4 > MAX_PKT_BYTES) throw new RangeError('a pkt-line holds at most 65,516 bytes');
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** Takes whole packets off bytes that arrive in pieces. Throws SyntaxError for a length that is none. */
export class PktParser {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
  }

  /** The next packet, when it is there whole. */
  next(): Pkt | undefined {
    if (this.#pending.length < 4) return undefined;
    const digits = this.#pending.toString('latin1', 0, 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw new SyntaxError('this is not a pkt-line');
    const length = Number.parseInt(digits, 16);
    if (length < 4) {
      this.#pending = this.#pending.subarray(4);
      return { kind: length === 0 ? 'flush' : 'special' };
    }
    if (this.#pending.length < length) return undefined;
    const payload = this.#pending.subarray(4, length);
    this.#pending = this.#pending.subarray(length);
    return { kind: 'data', payload };
  }

  /** What came behind the last whole packet. */
  get rest(): Buffer {
    return this.#pending;
  }
}
