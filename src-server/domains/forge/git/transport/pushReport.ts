import { Transform, type TransformCallback } from 'node:stream';
import { encodePkt, FLUSH_PKT, MAX_PKT_BYTES, PktParser } from './pktLine';

export interface PushReportOptions {
  /** Why references are refused, by name; read when the report is there. */
  readonly reasons: ReadonlyMap<string, string>;
  /** What the pusher reads of references that have changed, by name, whole lines. Only clients with bands for it get them. */
  readonly hints: ReadonlyMap<string, string>;
  /** Does the client take progress and report in bands of one stream? */
  readonly isSideBand: boolean;
}

/**
 * Puts the reasons into the report of `git receive-pack`: git itself only says "hook declined", and people look at
 * `! [remote rejected] main -> main (…)`. Progress and messages pass through as they come; the report, which comes last, is held until
 * it is whole (gitprotocol-pack(5), "Report Status").
 */
export class PushReportRewriter extends Transform {
  readonly #parser = new PktParser();
  readonly #options: PushReportOptions;
  #report: Buffer[] = [];
  #accepted: ReadonlySet<string> | undefined;

  constructor(options: PushReportOptions) {
    super();
    this.#options = options;
  }

  /** The references that git says it changed; undefined as long as it has not said it whole. */
  get accepted(): ReadonlySet<string> | undefined {
    return this.#accepted;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      if (this.#options.isSideBand) this.#takeSideBand(chunk);
      else this.#report.push(chunk);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    const report = this.#takeReport();
    if (report.length > 0) this.push(this.#options.isSideBand ? encodeBand(DATA_BAND, report) : report);
    done();
  }

  #takeSideBand(chunk: Buffer): void {
    this.#parser.push(chunk);
    for (let pkt = this.#parser.next(); pkt !== undefined; pkt = this.#parser.next()) {
      if (pkt.kind !== 'data') {
        const report = this.#takeReport();
        const hints = this.#hints();
        if (hints.length > 0) this.push(encodeBand(MESSAGE_BAND, hints));
        if (report.length > 0) this.push(encodeBand(DATA_BAND, report));
        this.push(FLUSH_PKT);
      } else if (pkt.payload[0] === DATA_BAND) this.#report.push(Buffer.from(pkt.payload.subarray(1)));
      else this.push(encodePkt(pkt.payload));
    }
  }

  #takeReport(): Buffer {
    const report = Buffer.concat(this.#report);
    this.#report = [];
    this.#accepted ??= acceptedRefs(report);
    return rewriteReport(report, this.#options.reasons);
  }

  /** What to say of the references that have changed. */
  #hints(): Buffer {
    return Buffer.from([...(this.#accepted ?? [])].map((ref) => this.#options.hints.get(ref) ?? '').join(''));
  }
}

/** Replaces `ng <ref> hook declined` by `ng <ref> <reason>`, and leaves every other line and what it cannot read alone. */
export function rewriteReport(report: Buffer, reasons: ReadonlyMap<string, string>): Buffer {
  const parser = new PktParser();
  parser.push(report);
  const parts: Buffer[] = [];
  for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) {
    parts.push(pkt.kind === 'data' ? encodePkt(rewriteLine(pkt.payload, reasons)) : FLUSH_PKT);
  }
  return Buffer.concat([...parts, parser.rest]);
}

const DATA_BAND = 1;
const MESSAGE_BAND = 2;

/** The references that a whole report calls changed; undefined for what is none. */
export function acceptedRefs(report: Buffer): ReadonlySet<string> | undefined {
  const parser = new PktParser();
  parser.push(report);
  const accepted = new Set<string>();
  try {
    for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) {
      if (pkt.kind === 'flush') return accepted;
      const ref = pkt.kind === 'data' ? /^ok (.+?)\n?$/.exec(pkt.payload.toString('utf8'))?.[1] : undefined;
      if (ref !== undefined) accepted.add(ref);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}

function rewriteLine(payload: Buffer, reasons: ReadonlyMap<string, string>): Buffer {
  const match = /^ng (\S+) (?:pre-receive )?hook declined\n?$/.exec(payload.toString('utf8'));
  const reason = reasons.get(match?.[1] ?? '');
  return match === null || reason === undefined ? payload : Buffer.from(`ng ${match[1] ?? ''} ${reason}\n`);
}

function encodeBand(band: number, data: Buffer): Buffer {
  const room = MAX_PKT_BYTES - 5;
  const parts: Buffer[] = [];
  for (let start = 0; start < data.length; start += room) {
    parts.push(encodePkt(Buffer.concat([Buffer.from([band]), data.subarray(start, start + room)])));
  }
  return Buffer.concat(parts);
}
