import { mkdirSync } from 'node:fs';
import { basename, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

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

/** Node finds the packages from there, as it does from the sources. */
async function bundled(file) {
  const folder = join(root, 'node_modules/.cache/threads', String(process.pid));
  mkdirSync(folder, { recursive: true });
  const out = join(folder, `${relative(root, file).replaceAll(/[/\\]/g, '.').replace(/\.ts$/, '')}.mjs`);
  const bundle = await rolldown({ input: file, cwd: root, platform: 'node', external: (id) => !/^[.#]/.test(id) && !isAbsolute(id), logLevel: 'silent' });
  await bundle.write({ file: out, format: 'es', codeSplitting: false });
  await bundle.close();
  return out;
}
