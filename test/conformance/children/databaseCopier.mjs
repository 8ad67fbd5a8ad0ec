// A process that copies a database, says so when it is half way, and then waits to be killed. Argument: the two addresses as JSON.
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

// What they import when they are called could not be found any more: so each is loaded by itself.
const load = async (file) => (await runnerImport(fileURLToPath(new URL(`../../../src-server/store/copy/${file}.ts`, import.meta.url)), { configFile: false, logLevel: 'error' })).module;
const { from, to } = JSON.parse(process.argv[2]);
const { readSqlite } = await load('sqliteSnapshot');
const { copyRows } = await load('copyRows');
const fill = to.engine === 'sqlite' ? (await load('sqliteTarget')).fillSqlite.bind(undefined, to.path) : (await load('postgresTarget')).fillPostgres.bind(undefined, to.url, {});

/** Writes what it is given, until half of the log is through. */
const stopHalfWay = (database) => ({
  ...database,
  async write(table, rows) {
    await database.write(table, rows);
    if (table !== 'log') return;
    writeSync(1, 'half\n');
    await new Promise(() => setInterval(() => undefined, 1_000));
  },
});
await readSqlite(from.path, (snapshot) => fill((database) => copyRows(snapshot, stopHalfWay(database))));
