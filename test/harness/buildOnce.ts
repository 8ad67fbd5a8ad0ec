import { fileURLToPath } from 'node:url';
import { runProcess } from './runProcess';

/** Builds what is stale, once before the tests that start the real program. */
export async function setup(): Promise<void> {
  const script = fileURLToPath(new URL('../../scripts/buildStale.mjs', import.meta.url));
  const { code, stderr } = await runProcess(process.execPath, [script, 'server', 'renderer']);
  if (code !== 0) throw new Error(`The build failed.\n${stderr}`);
}
