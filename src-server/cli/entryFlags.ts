import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError, usageError } from './exitCode';

/** Where the values of a secret or config map come from. */
export interface EntryFlags {
  readonly fromFile?: string[];
  readonly fromStdin?: string;
  readonly fromLiteral?: string[];
}

export function withEntries(command: Command): Command {
  return command
    .option('--from-file <key=path...>', 'values from files; without KEY= the key is the name of the file')
    .option('--from-stdin <key>', 'one value from standard input')
    .option('--from-literal <key=value...>', 'values from the command line, which other users of this machine can see');
}

/** Values by key, in base64: a file need be no text. */
export function readEntries({ fromFile = [], fromStdin, fromLiteral = [] }: EntryFlags): Record<string, string> {
  const entries: [string, Buffer][] = [];
  for (const each of fromFile) {
    const equals = each.indexOf('=');
    const path = each.slice(equals + 1);
    entries.push([equals > 0 ? each.slice(0, equals) : (path.split(/[\\/]/).at(-1) ?? ''), readInput(path)]);
  }
  if (fromStdin !== undefined) entries.push([fromStdin, readInput(0)]);
  for (const each of fromLiteral) {
    const equals = each.indexOf('=');
    if (equals < 1) throw usageError(`--from-literal takes KEY=VALUE; there is no "=" behind a key.`);
    entries.push([each.slice(0, equals), Buffer.from(each.slice(equals + 1))]);
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, value.toString('base64')]));
}

function readInput(path: string | 0): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CliError(`${path === 0 ? 'Standard input' : `"${path}"`} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
