import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { AuditRecord, AuditVerification } from '#shared/api/audit';
import { route, type Query } from '../apiClient';
import type { CommandContext } from '../commandContext';
import { EXIT, usageError } from '../exitCode';
import { interruptible } from '../interruptible';
import { printValue } from '../objectOutput';
import { countOf, safeLine } from '../terminalText';
import { renderTextTable } from '../textTable';

interface FilterFlags {
  readonly action?: string;
  readonly actor?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
  readonly installation?: boolean;
}

interface AuditPage {
  readonly items: AuditRecord[];
  readonly continue?: string;
}

/** Records that are asked for at a time. */
const PAGE = 500;

export function registerAudit(program: Command, context: CommandContext): void {
  const audit = program.command('audit').helpGroup('Server:').description('who did what: read, follow, export and verify the audit log; takes an administrator');
  withFilter(audit.command('list').alias('ls').description('show records, the newest first'))
    .option('--limit <count>', 'stop after so many records', '50')
    .action((flags: FilterFlags & { limit: string }) => list(flags, context));
  audit
    .command('tail')
    .description('show the newest records, and with -f those that come')
    .option('-n, --lines <count>', 'records to begin with', '10')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--installation', 'the installation\'s own log: sign-ins, accounts and what else belongs to no organization')
    .action((flags: { lines: string; follow?: boolean; installation?: boolean }) => tail(flags, context));
  withFilter(audit.command('export').description('write records as JSON Lines, the oldest first'))
    .option('--to <file>', 'write into this file instead of standard output')
    .action((flags: FilterFlags & { to?: string }) => exportRecords(flags, context));
  audit
    .command('verify')
    .description('check that nobody changed, took out or put in a record')
    .option('--file <file>', 'check a file that "kradle audit export" wrote; asks no server')
    .option('--offline', 'check every log of the data folder; the server must be stopped')
    .option('--installation', 'the installation\'s own log')
    .action((flags: { file?: string; offline?: boolean; installation?: boolean }) => verify(flags, context));
}

function withFilter(command: Command): Command {
  return command
    .option('--action <verb>', 'only this verb: create, delete, merge, push')
    .option('--actor <name>', 'only what this one did')
    .option('--kind <kind>', 'only what was done to this kind')
    .option('--name <name>', 'only what was done to the object of this name')
    .option('--outcome <outcome>', 'allowed, denied or requires-approval')
    .option('--since <time>', 'from this time on: 2026-01-31T12:00:00Z, or 2h, 7d ago')
    .option('--until <time>', 'before this time')
    .option('--installation', 'the installation\'s own log: sign-ins, accounts and what else belongs to no organization');
}

async function list(flags: FilterFlags & { limit: string }, context: CommandContext): Promise<void> {
  const wanted = readCount(flags.limit, '--limit');
  const items: AuditRecord[] = [];
  let token: string | undefined;
  do {
    const page = await context.api().get<AuditPage>(pathOf(flags, context), { ...queryOf(flags), limit: Math.min(PAGE, wanted - items.length), continue: token });
    items.push(...page.items);
    token = page.continue;
  } while (token !== undefined && items.length < wanted);
  if (await printValue(context, { items, ...(token === undefined ? {} : { continue: token }) })) return;
  const { terminal } = context;
  if (items.length === 0) return terminal.err('No records.\n');
  terminal.out(renderTextTable(COLUMNS, items.map(toRow), terminal.columns));
}

async function tail(flags: { lines: string; follow?: boolean; installation?: boolean }, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const json = context.format() === 'json';
  const print = (record: AuditRecord): void => terminal.out(json ? `${JSON.stringify(record)}\n` : `${toRow(record).join('  ')}\n`);
  const lines = readCount(flags.lines, '--lines');
  const path = pathOf(flags, context);
  const newest = (await context.api().get<AuditPage>(path, { limit: Math.min(PAGE, Math.max(1, lines)) })).items;
  for (const record of newest.slice(0, lines).reverse()) print(record);
  if (flags.follow !== true) return;
  const after = newest[0]?.spec.sequence ?? 0;
  await interruptible(async (signal) => {
    for await (const { event, data } of context.api().stream(`${path}/stream`, { query: { after }, signal })) if (event === 'audit') print(JSON.parse(data) as AuditRecord);
  });
}

async function exportRecords(flags: FilterFlags & { to?: string }, context: CommandContext): Promise<void> {
  await interruptible(async (signal) => {
    const chunks = context.api().download(`${pathOf(flags, context)}/export`, { query: queryOf(flags), accept: 'application/jsonl', signal });
    if (flags.to !== undefined) return pipeline(Readable.from(chunks), createWriteStream(flags.to, { mode: 0o600 }), { signal });
    const decoder = new TextDecoder();
    for await (const chunk of chunks) context.terminal.out(decoder.decode(chunk, { stream: true }));
  });
}

async function verify(flags: { file?: string; offline?: boolean; installation?: boolean }, context: CommandContext): Promise<void> {
  const logs = await verified(flags, context);
  if (logs.some(({ ok }) => !ok)) context.setExitCode(EXIT.failed);
  if (await printValue(context, logs)) return;
  for (const each of logs) context.terminal.out(verificationText(each, context));
}

type Verified = AuditVerification & { readonly log: string };

async function verified(flags: { file?: string; offline?: boolean; installation?: boolean }, context: CommandContext): Promise<Verified[]> {
  if (flags.file !== undefined) {
    const { verifyExport } = await import('../../app/offline/verifyAuditOffline');
    return [await verifyExport(flags.file)];
  }
  if (flags.offline === true) {
    const [{ loadConfig }, { verifyDataFolder }] = await Promise.all([import('../../app/config'), import('../../app/offline/verifyAuditOffline')]);
    return verifyDataFolder((await loadConfig({ flags: { dataDir: context.options().dataDir }, env: context.env })).config);
  }
  const log = flags.installation === true ? INSTALLATION : context.org();
  return [{ log, ...(await context.api().get<AuditVerification>(`${pathOf(flags, context)}/verify`)) }];
}

function verificationText({ log, ok, records, first, last, head, cut, anchor, broken }: Verified, { terminal }: CommandContext): string {
  const { style } = terminal;
  const place = first === undefined ? countOf(records, 'record') : `${countOf(records, 'record')}, ${first} to ${last ?? first}`;
  const lines = [
    `${log === INSTALLATION ? 'Installation' : safeLine(log)}: ${place}`,
    ...(cut === undefined ? [] : [`  records up to ${cut.through} were deleted by the retention setting, at ${cut.at}`]),
    ...(anchor === undefined ? [] : [`  compared with the signed head of ${anchor.at}, record ${anchor.sequence}`]),
    ...(head === undefined ? [] : [`  the last record is ${head}`]),
    ok ? `  ${style.green('Nothing was changed.')}` : `  ${style.red('broken:')} record ${broken?.sequence ?? 0}: ${safeLine(broken?.problem ?? '')}`,
  ];
  return `${lines.join('\n')}\n`;
}

const INSTALLATION = ':installation';
const COLUMNS = [{ header: 'Time' }, { header: 'Actor' }, { header: 'Type' }, { header: 'Target' }, { header: 'Outcome' }, { header: 'Door' }];

function toRow({ spec, metadata }: AuditRecord): string[] {
  const { target, decision } = spec;
  const named = target === undefined ? '' : [target.kind, target.name].filter(Boolean).join('/');
  return [metadata.creationTimestamp, spec.actor.name, spec.type, named, decision?.outcome ?? '', spec.door ?? ''].map(safeLine);
}

function pathOf({ installation }: { readonly installation?: boolean }, context: CommandContext): string {
  return installation === true ? '/api/audit' : route`/api/orgs/${context.org()}/audit`;
}

function queryOf({ installation: _installation, since, until, ...filter }: FilterFlags): Query {
  const { action, actor, kind, name, outcome } = filter;
  return { action, actor, kind, name, outcome, since: readTime(since, '--since'), until: readTime(until, '--until') };
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time, or how long ago it was. */
function readTime(text: string | undefined, flag: string): string | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const at = count === undefined ? Date.parse(text) : Date.now() - Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(at)) throw usageError(`${flag} is "${safeLine(text)}", which is no time.`, 'Give 2026-01-31T12:00:00Z, or 2h or 7d for so long ago.');
  return new Date(at).toISOString();
}

function readCount(text: string, flag: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= 1_000_000) return count;
  throw usageError(`${flag} is "${safeLine(text)}"; it must be a whole number.`);
}
