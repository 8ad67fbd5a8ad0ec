import { expect, it } from 'vitest';
import { archiveHref, codeHref, folderOf, rawHref, resolvePath } from './codeAddress';
import { clickLine, formatLineRange, parseLineRange } from './blob/lineRange';
import { repositoryName } from './list/repositoryName';

const place = { org: 'x', repo: 'a.b', ref: 'feature/y', path: 'd ir/odd #?%.txt' };

it('spells refs and paths so that nothing in them is taken for the address', () => {
  expect(codeHref({ ...place, type: 'blob' })).toBe('/o/x/repositories/a.b/blob/feature%2Fy/d%20ir/odd%20%23%3F%25.txt');
  expect(codeHref({ ...place, path: '', type: 'tree' })).toBe('/o/x/repositories/a.b/tree/feature%2Fy');
  expect(rawHref(place)).toBe('/api/orgs/x/repositories/a.b/raw/feature/y/d%20ir/odd%20%23%3F%25.txt');
  expect(archiveHref({ ...place, format: 'zip' })).toBe('/api/orgs/x/repositories/a.b/archive/feature/y.zip');
});

it.each([
  ['docs', 'img/a.png', 'docs/img/a.png'],
  ['docs', '../img/a.png', 'img/a.png'],
  ['docs', '/img/a.png', 'img/a.png'],
  ['', './a%20b.md#part', 'a b.md'],
  ['', '../../etc', undefined],
])('in %j, %j is %j', (folder, relative, path) => {
  expect(resolvePath(folder, relative)).toBe(path);
});

it('knows the folder of a path', () => {
  expect([folderOf('a/b/c.ts'), folderOf('c.ts')]).toEqual(['a/b', '']);
});

it('reads and writes lines of an address', () => {
  expect(parseLineRange('#L20-L10')).toEqual({ start: 10, end: 20 });
  expect(parseLineRange('L7')).toEqual({ start: 7, end: 7 });
  expect([parseLineRange(''), parseLineRange('L0'), parseLineRange('readme')]).toEqual([undefined, undefined, undefined]);
  expect([formatLineRange({ start: 3, end: 3 }), formatLineRange({ start: 3, end: 9 })]).toEqual(['L3', 'L3-L9']);
});

it('extends what is selected with Shift, up or down', () => {
  expect(clickLine(undefined, 5, true)).toEqual({ start: 5, end: 5 });
  expect(clickLine({ start: 5, end: 7 }, 9, true)).toEqual({ start: 5, end: 9 });
  expect(clickLine({ start: 5, end: 7 }, 2, true)).toEqual({ start: 2, end: 7 });
  expect(clickLine({ start: 5, end: 7 }, 2, false)).toEqual({ start: 2, end: 2 });
});

it.each([
  ['https://github.com/Owner/My_Project.git', 'my-project'],
  ['git@host:team/tool.git', 'tool'],
  ['/home/me/work/site/', 'site'],
  ['C:\\code\\App', 'app'],
  ['   ', ''],
])('%j is called %j', (source, name) => {
  expect(repositoryName(source)).toBe(name);
});
