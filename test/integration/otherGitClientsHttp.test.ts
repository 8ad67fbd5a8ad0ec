import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePkt, FLUSH_PKT, PktParser } from '../../src-server/domains/forge/git/transport/pktLine';
import { git, tryGit } from '../harness/git';
import { commitFile, readRefs, type SeededRepository, useClientGround } from '../harness/gitClients/clientGround';
import { gitCredentials } from '../harness/gitClients/plainGit';

const ZERO = '0'.repeat(40);
const ground = useClientGround();

interface Question {
  /** Sent with POST; else it is a GET. */
  readonly body?: Buffer;
  /** `TOKEN` stands for a good one; empty for none. */
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The server has asked for the body before it answered. */
  readonly wanted: boolean;
}

/** What a client that is written byte by byte gets from an address of a repository. */
async function ask(repository: string, path: string, { body, authorization = 'Bearer TOKEN', headers = {} }: Question = {}): Promise<Answer> {
  const { server } = ground();
  const req = request(`${server.url}/git/default/${repository}.git/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': `application/x-${path}-request` }),
      ...(authorization === '' ? {} : { Authorization: authorization.replace('TOKEN', server.token) }),
      ...headers,
    },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => req.once('response', resolve).once('error', reject));
  let wanted = false;
  if (headers['Expect'] === undefined) req.end(body);
  else {
    req.flushHeaders();
    req.once('continue', () => {
      wanted = true;
      req.end(body);
    });
  }
  const res = await answered;
  const answer = { status: res.statusCode ?? 0, headers: res.headers, body: await buffer(res), wanted };
  req.destroy();
  return answer;
}

/** A commit on top of `main` that the server does not have, and a pack with all that it needs. */
async function newCommit({ name }: SeededRepository): Promise<{ oid: string; pack: Buffer }> {
  const clone = join(ground().folder, name);
  await git(['clone', '--quiet', ground().server.gitUrl(name), clone], { cwd: ground().folder });
  const oid = await commitFile(clone, 'b.txt', 'b\n');
  const prefix = join(ground().folder, `pack-of-${name}`);
  const id = await git(['pack-objects', '--revs', '--quiet', prefix], { cwd: clone, input: `${oid}\n` });
  return { oid, pack: await readFile(`${prefix}-${id.trim()}.pack`) };
}

function linesOf(bytes: Buffer): string[] {
  const parser = new PktParser();
  parser.push(bytes);
  const lines: string[] = [];
  for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) lines.push(pkt.kind === 'data' ? pkt.payload.toString('utf8') : `${pkt.kind}\n`);
  return lines;
}

function pushOf(commands: readonly string[], capabilities: string, pack: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([...commands.map((command, index) => encodePkt(index === 0 ? `${command}\0${capabilities}` : command)), FLUSH_PKT, pack]);
}

describe.each(gitCredentials.map((client) => ({ title: client.name, client })))('$title', ({ client }) => {
  it('is let in to read and to write, and not with a token that is not good', async () => {
    const { name, way, bare } = await ground().seed('http');
    const clone = join(ground().folder, name);
    expect(await client.clone(way, clone)).toMatchObject({ ok: true });
    const oid = await commitFile(clone, 'large.bin', randomBytes(300_000));
    expect(await client.push(way, clone, ['main:refs/heads/new'])).toMatchObject({ ok: true });
    expect(await readRefs(bare, 'refs/heads/new')).toEqual({ 'refs/heads/new': oid });
    expect(await client.list({ ...way, token: 'mistyped' })).toEqual({ ok: false, said: expect.stringMatching(client.words.unauthorized.http ?? /never/) as string });
  });
});

describe('git over HTTP, by hand', () => {
  it('asks for a password, whether there is a repository or not', async () => {
    const { name, way } = await ground().seed('http');
    for (const repository of [name, 'none']) {
      for (const authorization of ['', 'Basic dW5hOm1pc3R5cGVk', 'Bearer mistyped']) {
        expect(await ask(repository, 'info/refs?service=git-upload-pack', { authorization })).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="Kradle", charset="UTF-8"', 'content-type': 'text/plain; charset=utf-8' } });
      }
    }
    const { code, stderr } = await tryGit(['ls-remote', way.url], { cwd: ground().folder });
    expect(code).toBe(128);
    expect(stderr).toContain('could not read Username');
  });

  it('is found with and without .git, and with a slash behind', async () => {
    const { name } = await ground().seed('http');
    const address = ground().server.gitUrl(name);
    for (const each of [address, address.replace(/\.git$/, ''), `${address}/`]) {
      expect(await git(['ls-remote', each, 'main'], { cwd: ground().folder })).toContain('refs/heads/main');
    }
  });

  it('takes bodies that are packed with gzip, in both directions', async () => {
    const repository = await ground().seed('http');
    const { oid, pack } = await newCommit(repository);
    for (const [encoding, ref] of [['gzip', 'refs/heads/one'], ['x-gzip', 'refs/heads/two']] as const) {
      const pushed = await ask(repository.name, 'git-receive-pack', { body: gzipSync(pushOf([`${ZERO} ${oid} ${ref}`], ' report-status', pack)), headers: { 'Content-Encoding': encoding } });
      expect(linesOf(pushed.body)).toEqual(['unpack ok\n', `ok ${ref}\n`, 'flush\n']);
      const fetched = await ask(repository.name, 'git-upload-pack', { body: gzipSync(Buffer.concat([encodePkt(`want ${oid}\n`), FLUSH_PKT, encodePkt('done\n')])), headers: { 'Content-Encoding': encoding } });
      expect(fetched.body.toString('latin1', 0, 12)).toBe('0008NAK\nPACK');
    }
  });

  it('tells who expects it whether it wants a push at all before it is sent', async () => {
    const repository = await ground().seed('http');
    const { oid, pack } = await newCommit(repository);
    const body = pushOf([`${ZERO} ${oid} refs/heads/new`], ' report-status', pack);
    const headers = { Expect: '100-continue' };
    expect(await ask(repository.name, 'git-receive-pack', { body, headers, authorization: 'Bearer mistyped' })).toMatchObject({ status: 401, wanted: false });
    const taken = await ask(repository.name, 'git-receive-pack', { body, headers });
    expect(taken).toMatchObject({ status: 200, wanted: true });
    expect(await readRefs(repository.bare, 'refs/heads/new')).toEqual({ 'refs/heads/new': oid });
  });

  it('serves a client that has nothing but the first version of the protocol: no bands, no agent, no deltas by offset', async () => {
    const repository = await ground().seed('http');
    const { oid, pack } = await newCommit(repository);
    const { 'refs/heads/main': main = '', 'refs/heads/locked': locked = '' } = await readRefs(repository.bare, 'refs/heads');
    const [service, , first = ''] = linesOf((await ask(repository.name, 'info/refs?service=git-upload-pack')).body);
    expect(service).toBe('# service=git-upload-pack\n');
    expect(first.startsWith(`${main} HEAD\0`)).toBe(true);

    // Some end their lines, and some do not.
    for (const end of ['', '\n']) {
      const fetched = await ask(repository.name, 'git-upload-pack', { body: Buffer.concat([encodePkt(`want ${main}${end}`), FLUSH_PKT, encodePkt(`done${end}`)]) });
      expect(fetched.body.toString('latin1', 0, 12)).toBe('0008NAK\nPACK');
      const file = join(ground().folder, 'fetched.pack');
      await writeFile(file, fetched.body.subarray('0008NAK\n'.length));
      await git(['index-pack', '--strict', '-o', `${file}.idx`, file], { cwd: ground().folder });
    }
    const pushed = await ask(repository.name, 'git-receive-pack', { body: pushOf([`${ZERO} ${oid} refs/heads/new`, `${locked} ${oid} refs/heads/locked\n`], 'report-status\n', pack) });
    expect(linesOf(pushed.body)).toEqual(['unpack ok\n', 'ok refs/heads/new\n', `ng refs/heads/locked protected branch: locked needs a pull request (BranchProtection default/${repository.name})\n`, 'flush\n']);
    const deleted = await ask(repository.name, 'git-receive-pack', { body: pushOf([`${oid} ${ZERO} refs/heads/new`], 'report-status delete-refs') });
    expect(linesOf(deleted.body)).toEqual(['unpack ok\n', 'ok refs/heads/new\n', 'flush\n']);
    expect(Object.keys(await readRefs(repository.bare, 'refs/heads/new'))).toEqual([]);
  });

  it('says nothing at all to who wants no report, and does it', async () => {
    const repository = await ground().seed('http');
    const { oid, pack } = await newCommit(repository);
    const pushed = await ask(repository.name, 'git-receive-pack', { body: pushOf([`${ZERO} ${oid} refs/heads/new`], '', pack) });
    expect(pushed).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(await readRefs(repository.bare, 'refs/heads/new')).toEqual({ 'refs/heads/new': oid });
  });
});
