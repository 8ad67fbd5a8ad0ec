import { expect, it } from 'vitest';
import { readQuestionOf } from './fetchQuestion';
import { encodePkt, FLUSH_PKT } from './pktLine';

const OID = '1'.repeat(40);

function question(opts: { capabilities?: string[]; lines?: string[]; command?: string; end?: Buffer } = {}): Buffer {
  const { capabilities = ['agent=git/2.39.5', 'object-format=sha1'], lines = ['ofs-delta', `want ${OID}`, 'done'], command = 'command=fetch', end = FLUSH_PKT } = opts;
  return Buffer.concat([encodePkt(command), ...capabilities.map((line) => encodePkt(line)), Buffer.from('0001'), ...lines.map((line) => encodePkt(line)), end]);
}

const digest = (opts: Parameters<typeof question>[0] = {}): string | undefined => readQuestionOf(question(opts), 'version=2')?.digest;

it('is the same for clients that ask the same, whoever they are', () => {
  expect(digest()).toBeDefined();
  expect(digest({ capabilities: ['agent=git/2.51.0-Linux', 'session-id=x', 'object-format=sha1'] })).toBe(digest());
  expect(digest({ lines: ['ofs-delta\n', `want ${OID}\n`, 'done\n'] })).toBe(digest());
});

it.each([
  ['another commit', { lines: ['ofs-delta', `want ${'2'.repeat(40)}`, 'done'] }],
  ['a shallow clone', { lines: ['ofs-delta', 'deepen 1', `want ${OID}`, 'done'] }],
  ['a filter', { lines: ['ofs-delta', 'filter blob:none', `want ${OID}`, 'done'] }],
  ['what the client has', { lines: ['ofs-delta', `want ${OID}`, `have ${'3'.repeat(40)}`, 'done'] }],
  ['another format', { capabilities: ['object-format=sha256'] }],
])('is another for %s', (_, opts) => {
  expect(digest(opts)).toBeDefined();
  expect(digest(opts)).not.toBe(digest());
});

it.each([
  ['a question about objects', { command: 'command=object-info' }],
  ['a negotiation that goes on', { lines: [`want ${OID}`, `have ${OID}`] }],
  ['a border by name', { lines: [`want ${OID}`, 'deepen-not v1', 'done'] }],
  ['a wish by name', { lines: ['want-ref refs/heads/main', 'done'] }],
  ['what was cut off', { end: Buffer.alloc(0) }],
  ['two commands', { end: Buffer.concat([FLUSH_PKT, question()]) }],
  ['what is no packet', { end: Buffer.from('zzzz0000') }],
])('leaves %s to git', (_, opts) => {
  expect(digest(opts)).toBeUndefined();
});

it('tells lists of references from packs, and one list from another', () => {
  const list = (...lines: string[]) => readQuestionOf(question({ command: 'command=ls-refs', lines }), 'version=2');
  expect(list('peel', 'ref-prefix refs/heads/')?.about).toBe('refs');
  expect(list('peel', 'ref-prefix refs/tags/')?.digest).not.toBe(list('peel', 'ref-prefix refs/heads/')?.digest);
  expect(readQuestionOf(question(), 'version=2')?.about).toBe('pack');
});

it('leaves older protocols to git', () => {
  expect(readQuestionOf(question(), undefined)).toBeUndefined();
  expect(readQuestionOf(question(), 'version=1')).toBeUndefined();
});
