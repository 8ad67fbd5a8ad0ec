// `npm run bench [-- NAME…]`: measures a built Kradle, each figure against its budget or a named peer in the same run.
// Prints a table, and JSON with --json. Ends by itself; traffic stays on loopback.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const benches = ['startup', 'clone', 'tree', 'dispatch', 'events'];
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = wanted.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}; the benches are ${benches.join(', ')}.\n`);
  process.exit(2);
}
if (!existsSync(`${root}dist/server/kradle.js`)) {
  process.stderr.write('Build first: npm run build\n');
  process.exit(2);
}

const rows = [];
for (const name of wanted.length > 0 ? wanted : benches) {
  process.stderr.write(`${name} …\n`);
  const { module } = await runnerImport(`${root}test/bench/${name}.ts`, { configFile: false });
  rows.push(...(await module.run({ root })));
}

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else printTable(rows);
process.exit(rows.every((row) => row.ok) ? 0 : 1);

function printTable(entries) {
  const cells = [['measure', 'figure', 'budget', 'peer', ''], ...entries.map((row) => [row.measure, row.figure, row.budget, row.peer ?? '', row.ok ? 'ok' : 'OVER'])];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()}\n`);
}
