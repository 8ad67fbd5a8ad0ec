import { Transform, type TransformCallback } from 'node:stream';
import { encodePkt, FLUSH_PKT, MAX_PKT_BYTES, PktParser } from './pktLine';

/**
 * Puts the reasons into the report of `git receive-pack`: git itself only says "hook declined", and people look at
 * `! [remote rejected] main -> main (…)`. Progress and messages pass through as they come; the report, which comes last, is held until
 * it is whole (gitprotocol-pack(5), "Report Status").
 */
export class PushReportRewriter extends Transform {
  readonly #parser = new PktParser();
  readonly #reasons: ReadonlyMap<string, string>;
  readonly #isSideBand: boolean;
  #report: Buffer[] = [];

  constructor(reasons: ReadonlyMap<string, string>, isSideBand: boolean) {
    super();
    this.#reasons = reasons;
    this.#isSideBand = isSideBand;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      if (this.#isSideBand) this.#takeSideBand(chunk);
      else this.#report.push(chunk);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    const report = this.#takeReport();
    if (report.length > 0) this.push(this.#isSideBand ? encodeBand(report) : report);
    done();
  }

  #takeSideBand(chunk: Buffer): void {
    this.#parser.push(chunk);
    for (let pkt = this.#parser.next(); pkt !== undefined; pkt = this.#parser.next()) {
      if (pkt.kind !== 'data') {
        const report = this.#takeReport();
        if (report.length > 0) this.push(encodeBand(report));
        this.push(FLUSH_PKT);
      } else if (pkt.payload[0] === DATA_BAND) this.#report.push(Buffer.from(pkt.payload.subarray(1)));
      else this.push(encodePkt(pkt.payload));
    }
  }

  #takeReport(): Buffer {
    const report = Buffer.concat(this.#report);
    this.#report = [];
    return rewriteReport(report, this.#reasons);
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

function rewriteLine(payload: Buffer, reasons: ReadonlyMap<string, string>): Buffer {
  const match = /^ng (\S+) (?:pre-receive )?hook declined\n?$/.exec(payload.toString('utf8'));
  const reason = reasons.get(match?.[1] ?? '');
  return match === null || reason === undefined ? payload : Buffer.from(`ng ${match[1] ?? ''} ${reason}\n`);
}

function encodeBand(data: Buffer): Buffer {
  const room = MAX_PKT_BYTES - 5;
  const parts: Buffer[] = [];
  for (let start = 0; start < data.length; start += room) {
    parts.push(encodePkt(Buffer.concat([Buffer.from([DATA_BAND]), data.subarray(start, start + room)])));
  }
  return Buffer.concat(parts);
}
