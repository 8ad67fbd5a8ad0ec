// A process that takes the lock of a data folder and keeps it until it is killed. Arguments: the folder.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const source = new URL('../../../src-server/store/dataDirLock.ts', import.meta.url);
const { module } = await runnerImport(fileURLToPath(source), { configFile: false, logLevel: 'error' });
try {
  await module.lockDataDir(process.argv[2]);
  process.stdout.write('held\n');
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${error.reason}: ${error.message}\n`);
}
