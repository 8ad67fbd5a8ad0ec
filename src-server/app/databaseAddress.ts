import { resolve } from 'node:path';
import type { DatabaseAddress } from '../store/copy/databaseSnapshot';
import type { Config } from './config';
import { dataDirAt, type DataDir } from './dataDir';

/** The database that a server with this configuration works on. */
export function databaseAddress(config: Pick<Config, 'databaseUrl'>, dataDir: DataDir): DatabaseAddress {
  return config.databaseUrl === undefined ? { engine: 'sqlite', path: dataDir.database } : { engine: 'postgres', url: config.databaseUrl };
}

/** A database as people name one: the address of a Postgres, or a data folder. */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  if (/^postgres(ql)?:\/\//i.test(text)) return { engine: 'postgres', url: text };
  return { engine: 'sqlite', path: dataDirAt(resolve(text)).database };
}
