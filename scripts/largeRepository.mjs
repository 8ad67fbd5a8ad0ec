// `node scripts/largeRepository.mjs [BRANCHES]`: prints the path of the generated repository of 100,000 files and 50,000 commits, which it
// makes when it is not there yet; with so many further branches.
import { fileURLToPath } from 'node:url';
import { createModuleLoader } from './moduleLoader.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = await createModuleLoader(root);
const { largeRepository } = await modules.ssrLoadModule(`${root}test/bench/largeRepository.ts`);
process.stdout.write(`${await largeRepository({ branches: Number(process.argv[2] ?? 0) })}\n`);
await modules.close();
