// `npm run generate`: writes what follows from the code: the CRDs of the chart, the reference pages of the kinds and of the command line.
// test/conformance/generated.test.ts says when it has to run again.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const { module } = await runnerImport(join(root, 'scripts/generatedFiles.ts'), { configFile: false, root, oxc: { target: 'node20' } });
const files = module.generatedFiles();

let written = 0;
for (const [path, content] of files) {
  if (read(path) === content) continue;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  written += 1;
}
const stale = module.GENERATED_FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)).filter((path) => !files.has(path));
for (const path of stale) rmSync(join(root, path), { recursive: true });
process.stdout.write(`${files.size} files: ${written} written, ${stale.length} removed\n`);

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
