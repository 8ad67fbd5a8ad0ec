import { expect, it, onTestFinished } from 'vitest';
import { AUDIT_KEYS } from '../../../test/harness/auditFixture';
import { createFakeClock } from '../../../test/harness/fakeClock';
import { tempDir } from '../../../test/harness/tempDir';
import { silentLogger } from '../../app/log';
import { createAuditHeads } from './auditHeads';

const goesOn = () => Promise.resolve(true);
const headAt = (sequence: number) => ({ sequence, digest: `sha256:${String(sequence).padStart(64, '0')}` });

it('writes a head once a second, however often the log moves on while one is written', async () => {
  const clock = createFakeClock();
  const folder = await tempDir('kradle-heads-');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const open = () => createAuditHeads({ folder: folder.path, keys: AUDIT_KEYS, clock, log: silentLogger() });
  const before = open();
  before.move('default', headAt(1), goesOn);
  await before.flush();
  const heads = open();
  const kept = async () => (await heads.read('default')).at(-1)?.sequence;
  // The head of an earlier process is asked about in the middle of the first write.
  heads.move('default', headAt(2), () => {
    heads.move('default', headAt(3), goesOn);
    return goesOn();
  });
  clock.advance(1_000);
  // Waits for what is being written.
  await heads.forget('of-another');
  expect(await kept()).toBe(2);
  clock.advance(1_000);
  await heads.forget('of-another');
  expect(await kept()).toBe(3);
});
