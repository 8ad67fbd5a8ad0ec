import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isObjectId } from '../objects/objectId';
import { fileMark } from '../objects/packState';

/** With more files than this, one git is faster than reading them. */
const MAX_LOOSE = 500;
const MAX_LINKS = 5;
/** Files of 40 bytes are read ten times as fast without promises; so many in a row keep nobody waiting. */
const READ_AT_ONCE = 32;

/**
 * The references of a repository and the objects they have, read from its files: what the server asks at every push, without a process.
 * `prefixes` as git takes them: whole names, or folders of names; none means all. Undefined where git should be asked instead: too many
 * files, or references in another format (gitrepository-layout(5)).
 */
export async function readRefFiles(path: string, prefixes: readonly string[]): Promise<Map<string, string> | undefined> {
  // Loose ones first: git writes the packed list before it removes a file that moved into it.
  const loose = await listLoose(path, prefixes);
  if (loose === undefined) return undefined;
  const values = new Map<string, string>();
  for (const [index, ref] of loose.entries()) {
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await setImmediate();
    const value = readTextNow(join(path, ref));
    if (value !== undefined) values.set(ref, value.trim());
  }
  const packed = await readText(join(path, 'packed-refs'));
  const found = readPacked(packed ?? '', (ref) => isWanted(ref, prefixes));
  for (const [ref, value] of values) {
    const oid = value.startsWith('ref: ') ? await follow(path, value, packed ?? '') : value;
    if (oid !== undefined && isObjectId(oid)) found.set(ref, oid);
    else found.delete(ref);
  }
  return new Map([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** What HEAD says; undefined when it is detached. */
export async function readHeadFile(path: string): Promise<string | undefined> {
  const text = (await readFile(join(path, 'HEAD'), 'utf8')).trim();
  return text.startsWith('ref: ') ? text.slice('ref: '.length).trim() : undefined;
}

/**
 * Another one whenever a reference or HEAD may be another one, and when the settings are, which hide some; undefined where there are too many files. What
 * references have is in it, besides when they were written: two writes in one tick of the clock look the same otherwise.
 */
export async function readRefState(path: string): Promise<string | undefined> {
  const loose = await listLoose(path, []);
  if (loose === undefined) return undefined;
  const hash = createHash('sha256');
  for (const [index, ref] of ['HEAD', ...loose].entries()) {
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await setImmediate();
    const found = statSync(join(path, ref), { bigint: true, throwIfNoEntry: false });
    hash.update(`${ref} ${found === undefined ? '-' : `${found.ino} ${found.mtimeNs} ${readTextNow(join(path, ref)) ?? '-'}`}\n`);
  }
  // The packed ones last: git writes them before it removes a file that moved there.
  return [hash.digest('base64'), ...(await Promise.all(['packed-refs', 'config', 'objects/info/alternates'].map((name) => fileMark(join(path, name)))))].join(' ');
}

async function listLoose(path: string, prefixes: readonly string[]): Promise<string[] | undefined> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<boolean> => {
    const entries = await readdir(join(path, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    });
    for (const entry of entries) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (leadsTo(name, prefixes) && !(await visit(name))) return false;
      } else if (isWanted(name, prefixes) && !name.endsWith('.lock')) found.push(name);
      if (found.length > MAX_LOOSE) return false;
    }
    return true;
  };
  return (await visit('refs')) ? found : undefined;
}

function isWanted(ref: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => ref === prefix || ref.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`));
}

/** May a folder hold something wanted? */
function leadsTo(folder: string, prefixes: readonly string[]): boolean {
  return isWanted(`${folder}/`, prefixes) || isWanted(folder, prefixes) || prefixes.some((prefix) => prefix.startsWith(`${folder}/`));
}

function readPacked(text: string, wanted: (ref: string) => boolean): Map<string, string> {
  const found = new Map<string, string>();
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start);
    // A header begins with `#`, what an annotated tag stands for with `^`.
    const first = text[start];
    const ref = text.slice(start + 41, end);
    if (first !== '#' && first !== '^' && wanted(ref)) found.set(ref, text.slice(start, start + 40));
    start = end + 1;
  }
  return found;
}

/** Where a symbolic reference leads; undefined when it leads nowhere. */
async function follow(path: string, value: string, packed: string): Promise<string | undefined> {
  let text: string | undefined = value;
  for (let link = 0; link < MAX_LINKS && text?.startsWith('ref: ') === true; link += 1) {
    const target = text.slice('ref: '.length).trim();
    if (!/^refs\/[^.]/.test(target) || target.includes('..')) return undefined;
    text = (await readText(join(path, target)))?.trim() ?? readPacked(packed, (ref) => ref === target).get(target);
  }
  return text;
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(undefinedWhenGone);
}

function readTextNow(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return undefinedWhenGone(error as NodeJS.ErrnoException);
  }
}

function undefinedWhenGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
