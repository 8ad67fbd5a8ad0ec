// `npm run bench [-- NAME…] [--only TEXT]…`: measures a built Kradle, each figure against its budget or a named peer in the same run.
// Prints a table, and JSON with --json; --only leaves out the rows of the forge without such a text. Builds what is stale and ends by itself; traffic stays on loopback.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildStale } from './buildStale.mjs';
import { createModuleLoader } from './moduleLoader.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const benches = ['startup', 'clone', 'tree', 'forge', 'dispatch', 'events', 'store', 'api'];
const { values: options, positionals: wanted } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } } });
const unknown = wanted.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}; the benches are ${benches.join(', ')}.\n`);
  process.exit(2);
}
if (!(await buildStale(['server', 'renderer']))) process.exit(2);

const modules = await createModuleLoader(root);
const rows = [];
for (const name of wanted.length > 0 ? wanted : benches) {
  process.stderr.write(`${name} …\n`);
  const bench = await modules.ssrLoadModule(`${root}test/bench/${name}.ts`);
  rows.push(...(await bench.run(options)));
}
await modules.close();

const [cpu] = cpus();
const machine = { cpu: cpu?.model ?? 'unknown', cores: availableParallelism(), node: process.version, load: loadavg().map((load) => Number(load.toFixed(1))) };
if (options.json) process.stdout.write(`${JSON.stringify({ machine, rows }, null, 2)}\n`);
else {
  printTable(rows);
  process.stdout.write(`\n${machine.cores} cores (${machine.cpu}), Node ${machine.node}, load ${machine.load.join(' ')}\n`);
}
process.exit(rows.every((row) => row.ok) ? 0 : 1);

function printTable(entries) {
  const cells = [['measure', 'figure', 'budget', 'beside it', ''], ...entries.map((row) => [row.measure, row.figure, row.budget, row.peer ?? '', row.ok ? 'ok' : 'OVER'])];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()}\n`);
}
