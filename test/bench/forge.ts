import { startServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';
import type { BenchRow } from './benchRow';
import { measureLargePages } from './forge/largePages';
import { measureTransports } from './forge/transports';

/** The forge as people meet it: git over HTTP and SSH against git's own servers, and the pages of a large repository. `only`: parts of measures' names, or `pages`. */
export async function run({ only = [] }: { only?: readonly string[] | undefined } = {}): Promise<BenchRow[]> {
  const isWanted = (measure: string): boolean => only.length === 0 || only.some((text) => measure.toLowerCase().includes(text.toLowerCase()));
  await using work = await tempDir('kradle-bench-forge-');
  await using server = await startServer({ args: ['--log-level', 'error'] });
  return [...(await measureTransports(server, work.path, isWanted)), ...(isWanted('pages') ? await measureLargePages(server) : [])];
}
