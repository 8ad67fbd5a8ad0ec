import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodePkt, FLUSH_PKT, PktParser } from './pktLine';
import { readPushRequest } from './pushCommands';
import { rewriteReport } from './pushReport';

const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);
const ZERO = '0'.repeat(40);

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

it('reads the same commands however the bytes arrive, and hands on every byte it took', async () => {
  const body = Buffer.concat([
    encodePkt(`shallow ${ONE}\n`),
    encodePkt(`${ONE} ${TWO} refs/heads/main\0 report-status side-band-64k push-options agent=git/2.39\n`),
    encodePkt(`${ZERO} ${TWO} refs/heads/ü\n`),
    encodePkt(`${ONE} ${ZERO} refs/tags/v1`),
    FLUSH_PKT,
    encodePkt('topic=login\n'),
    FLUSH_PKT,
    Buffer.from('PACK and so on'),
  ]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 600 }), async (size) => {
      const stream = pieces(body, size);
      const { request, bytes } = await readPushRequest(stream);
      expect(request.commands).toEqual([
        { ref: 'refs/heads/main', oldOid: ONE, newOid: TWO },
        { ref: 'refs/heads/ü', oldOid: undefined, newOid: TWO },
        { ref: 'refs/tags/v1', oldOid: ONE, newOid: undefined },
      ]);
      expect(request.options).toEqual(['topic=login']);
      expect(request.capabilities.has('side-band-64k')).toBe(true);
      const rest: Buffer[] = [];
      for (let next = await stream.next(); next.done !== true; next = await stream.next()) rest.push(next.value);
      expect(Buffer.concat([bytes, ...rest]).equals(body)).toBe(true);
    }),
  );
});

it('takes a lone flush packet for a probe', async () => {
  expect((await readPushRequest(pieces(FLUSH_PKT, 4))).request.commands).toEqual([]);
});

it.each([
  ['garbage', Buffer.from('GET / HTTP/1.1')],
  ['a command that is none', Buffer.concat([encodePkt('hello\n'), FLUSH_PKT])],
  ['an end before the end', encodePkt(`${ONE} ${TWO} refs/heads/main\0 x`)],
])('refuses %s', async (_, body) => {
  await expect(readPushRequest(pieces(body, 64))).rejects.toMatchObject({ reason: 'BadRequest' });
});

it('refuses endless commands', async () => {
  const line = encodePkt(`${ONE} ${TWO} refs/heads/${'x'.repeat(60_000)}\n`);
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield line;
  }
  await expect(readPushRequest(endless())).rejects.toMatchObject({ reason: 'RequestEntityTooLarge' });
});

it('puts a reason only where a hook declined', () => {
  const report = Buffer.concat([encodePkt('unpack ok\n'), encodePkt('ok refs/heads/a\n'), encodePkt('ng refs/heads/b hook declined\n'), encodePkt('ng refs/heads/c non-fast-forward\n'), FLUSH_PKT]);
  const rewritten = rewriteReport(report, new Map([['refs/heads/b', 'because'], ['refs/heads/c', 'no'], ['refs/heads/a', 'no']]));
  const parser = new PktParser();
  parser.push(rewritten);
  const lines: string[] = [];
  for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) lines.push(pkt.kind === 'data' ? pkt.payload.toString() : pkt.kind);
  expect(lines).toEqual(['unpack ok\n', 'ok refs/heads/a\n', 'ng refs/heads/b because\n', 'ng refs/heads/c non-fast-forward\n', 'flush']);
});
