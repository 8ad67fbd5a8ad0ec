import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import { storeSuite } from './storeSuite';

storeSuite('memory', async (opts) => {
  let step = 1n;
  const revisionStep = (): bigint => {
    const taken = step;
    step = 1n;
    return taken;
  };
  const eventLog = createMemoryEventLog();
  const store = createMemoryStore({ ...opts, eventLog, revisionStep });
  await store.start();
  return { store, eventLog, skipRevision: () => { step = 5n; }, close: () => store.stop() };
});
