import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const PREFIX = '\0thread:';

/**
 * `import thread from './x?thread'` is the URL of the module as a file that Node can run in a `Worker`. In a build it is a chunk beside the
 * others; where the sources are run as they stand (tests, benches, generators) it is bundled for that, into the packages' cache.
 */
export function nodeThreads() {
  let isBuild = false;
  return {
    name: 'node-threads',
    enforce: 'pre',
    configResolved: ({ command }) => void (isBuild = command === 'build'),
    async resolveId(id, importer) {
      if (!id.endsWith('?thread')) return undefined;
      const found = await this.resolve(id.slice(0, -'?thread'.length), importer);
      return found === null ? undefined : `${PREFIX}${found.id}`;
    },
    // All chunks of the server lie in one folder.
    resolveFileUrl: ({ fileName }) => `new URL(${JSON.stringify(`./${fileName}`)}, import.meta.url).href`,
    async load(id) {
      if (!id.startsWith(PREFIX)) return undefined;
      const file = id.slice(PREFIX.length);
      if (isBuild) {
        const chunk = this.emitFile({ type: 'chunk', id: file, name: basename(file, '.ts') });
        return `export default new URL(import.meta.ROLLDOWN_FILE_URL_${chunk});`;
      }
      return `export default new URL(${JSON.stringify(pathToFileURL(await bundled(file)).href)});`;
    },
  };
}

/** Named by what is in it, so that several may run at once. Node finds the packages from there, as it does from the sources. */
async function bundled(file) {
  const { output: [{ code }] } = await build({ configFile: false, root, logLevel: 'error', build: { ssr: file, write: false, target: 'node20', minify: false } });
  const folder = join(root, 'node_modules/.cache/threads');
  const path = join(folder, `${basename(file, '.ts')}-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, code);
  renameSync(temporary, path);
  return path;
}
