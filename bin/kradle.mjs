#!/usr/bin/env node
// Starts the `kradle` command. From a clone it first rebuilds what is stale; an installed package has nothing to build.
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Kradle needs Node 20.19 or newer; this is ${process.version}.\n`);
  process.exit(1);
}

const source = new URL('../src-server/', import.meta.url);
if (existsSync(source) && !process.env.KRADLE_SKIP_BUILD) {
  const { buildStale } = await import('../scripts/buildStale.mjs');
  // Only the server shows the console.
  const parts = process.argv.includes('serve') ? ['server', 'renderer'] : ['server'];
  if (!(await buildStale(parts))) process.exit(1);
}
await import('../dist/server/kradle.js');
