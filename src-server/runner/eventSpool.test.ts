import { existsSync, statSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventSpool, readLeftSpool } from './eventSpool';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kradle-spool-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const LIMITS = { maxLines: 3, maxBytes: 200 };

describe('EventSpool', () => {
  it('gives back every line once, in order, however writing and acknowledging alternate', () => {
    let runs = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.array(fc.string().map((text) => JSON.stringify(text)), { maxLength: 5 }), fc.constant('send' as const)), { maxLength: 30 }), (steps) => {
        const spool = new EventSpool(join(folder, `spool-${(runs += 1)}`));
        const written: string[] = [];
        const sent: string[] = [];
        const send = (): boolean => {
          const batch = spool.next(LIMITS);
          if (batch === undefined) return false;
          expect(batch.lines.length).toBeLessThanOrEqual(LIMITS.maxLines);
          // A batch that was not acknowledged comes again.
          expect(spool.next(LIMITS)).toEqual(batch);
          sent.push(...batch.lines);
          spool.acknowledge(batch.end);
          return true;
        };
        for (const step of steps) {
          if (step === 'send') send();
          else if (spool.append(step)) written.push(...step);
        }
        while (send());
        expect(sent).toEqual(written);
        expect(spool.pendingBytes).toBe(0);
        spool.close();
        expect(existsSync(spool.path)).toBe(false);
      }),
    );
  });

  it('refuses more than may wait, and takes again what fits after an acknowledgement', () => {
    const spool = new EventSpool(join(folder, 'spool'), { maxBytes: 100 });
    expect(spool.append(['a'.repeat(60)])).toBe(true);
    expect(spool.append(['b'.repeat(60)])).toBe(false);
    spool.acknowledge(spool.next(LIMITS)?.end ?? 0);
    expect(spool.append(['c'.repeat(60)])).toBe(true);
    expect(spool.next(LIMITS)?.lines).toEqual(['c'.repeat(60)]);
    spool.close();
  });

  it('is emptied on disk once everything was acknowledged', () => {
    const spool = new EventSpool(join(folder, 'spool'));
    const line = 'x'.repeat(1_000_000);
    for (let index = 0; index < 10; index += 1) spool.append([line]);
    for (let batch = spool.next({ maxLines: 1, maxBytes: 1 }); batch !== undefined; batch = spool.next({ maxLines: 1, maxBytes: 1 })) spool.acknowledge(batch.end);
    expect(statSync(spool.path).size).toBe(0);
    spool.append(['after']);
    expect(spool.next(LIMITS)?.lines).toEqual(['after']);
    spool.close();
  });

  it('is read after its runner was killed, without the line that was not finished', async () => {
    const path = join(folder, 'events-1.ndjson');
    const spool = new EventSpool(path);
    spool.append(['1', '2', '3', '4']);
    await appendFile(path, '{"half');
    expect([...readLeftSpool(path, LIMITS)]).toEqual([['1', '2', '3'], ['4']]);
  });
});
