import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../test/harness/fakeTerminal';
import { organizationOf, parseManifests, readManifests } from './manifests';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kradle-manifests-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const object = (name: string) => `kind: Repository\nmetadata:\n  name: ${name}\nspec: {}\n`;

describe('parseManifests', () => {
  it('reads several documents, skips empty ones, and says where each is', async () => {
    const manifests = await parseManifests(`# first\n${object('a')}---\n---\n${object('b')}`, 'x.yaml');
    expect(manifests.map(({ where, object: { metadata } }) => [where, metadata.name])).toEqual([['x.yaml:2', 'a'], ['x.yaml:8', 'b']]);
  });

  it('reads JSON, and a list as its items', async () => {
    const text = JSON.stringify({ kind: 'RepositoryList', items: [{ kind: 'Repository', metadata: { name: 'a' } }, { kind: 'Repository', metadata: { name: 'b' } }] });
    expect((await parseManifests(text, 'x.json')).map((manifest) => manifest.object.metadata.name)).toEqual(['a', 'b']);
  });

  it.each([
    ['a: [1', /^x:1: /],
    [`${object('a')}---\nmetadata:\n  name: b\n`, /^x:6: kind is missing/],
    ['kind: Repository\nmetadata: {}\n', /^x:1: metadata.name is missing/],
    ['just text', /^x:1: is not an object but string/],
    ['- 1\n- 2\n', /^x:1: is not an object but a list/],
    // A billion laughs.
    ['a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n', /alias/],
  ])('refuses %j', async (text, message) => {
    await expect(parseManifests(text, 'x')).rejects.toThrow(message);
  });
});

describe('readManifests', () => {
  it('reads a folder at any depth in order, and only manifests', async () => {
    mkdirSync(join(folder, 'sub'));
    for (const [path, name] of [['b.yml', 'b'], ['a.yaml', 'a'], ['sub/c.json', 'c'], ['notes.txt', 'never']] as const) {
      writeFileSync(join(folder, path), path.endsWith('.json') ? JSON.stringify({ kind: 'Repository', metadata: { name } }) : object(name));
    }
    expect((await readManifests([folder], fakeTerminal())).map((manifest) => manifest.object.metadata.name)).toEqual(['a', 'b', 'c']);
  });

  it('reads standard input', async () => {
    const terminal = fakeTerminal();
    terminal.stdin.push(object('typed'));
    terminal.stdin.push(null);
    expect((await readManifests(['-'], terminal))[0]).toMatchObject({ where: 'standard input:1', object: { metadata: { name: 'typed' } } });
  });

  it.each(['missing.yaml', 'empty.yaml'])('refuses %s', async (name) => {
    writeFileSync(join(folder, 'empty.yaml'), '# nothing\n');
    await expect(readManifests([join(folder, name)], fakeTerminal())).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('organizationOf', () => {
  it('follows the namespace, else the command line', async () => {
    const at = (namespace?: string) => organizationOf({ kind: 'Repository', metadata: { name: 'a', ...(namespace === undefined ? {} : { namespace }) } }, 'mine');
    expect([await at('kradle-org-acme'), await at('kradle-system'), await at()]).toEqual(['acme', 'mine', 'mine']);
  });
});
