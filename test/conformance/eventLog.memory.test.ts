import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { eventLogSuite } from './eventLogSuite';

eventLogSuite('memory', async () => ({ eventLog: createMemoryEventLog(), close: async () => undefined }));
