import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isStatusError } from '#shared/api/status';
import type { YamlDocument } from '../app/readYaml';
import { usageError } from './exitCode';
import type { AnyObject } from './objectOutput';
import type { Terminal } from './terminal';

/** An object that a file holds, and where. */
export interface Manifest {
  /** `agents.yaml:12`, for messages. */
  readonly where: string;
  readonly object: AnyObject;
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);

/**
 * Reads objects from files, folders (at any depth, in order of path) and `-` for standard input. YAML may hold several documents; a
 * `List` stands for its items. Throws a usage error with file and line for what cannot be read.
 */
export async function readManifests(sources: readonly string[], terminal: Pick<Terminal, 'stdin'>): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const source of sources) {
    if (source === '-') manifests.push(...(await parseManifests(await text(terminal.stdin), 'standard input')));
    else for (const file of manifestFiles(source)) manifests.push(...(await parseManifests(readFileSync(file, 'utf8'), file)));
  }
  if (manifests.length === 0) throw usageError(`There is no object in ${sources.join(', ')}.`, 'Objects are YAML or JSON documents with apiVersion, kind, metadata and spec.');
  return manifests;
}

/** Organization that an object belongs to: its namespace's, else the one of the command line. */
export async function organizationOf(object: AnyObject, fallback: string): Promise<string> {
  const { orgOfNamespace } = await import('#shared/kind/names');
  return orgOfNamespace(object.metadata.namespace ?? '') ?? fallback;
}

/** The objects of one text. JSON is YAML. */
export async function parseManifests(source: string, name: string): Promise<Manifest[]> {
  return (await readDocuments(source, name)).flatMap(({ line, value }) => {
    if (value === null) return [];
    const where = `${name}:${line}`;
    return expandList(value).map((object) => ({ where, object: checkObject(object, where) }));
  });
}

async function readDocuments(source: string, name: string): Promise<YamlDocument[]> {
  const { readYaml } = await import('../app/readYaml');
  try {
    return readYaml(source);
  } catch (error) {
    if (isStatusError(error)) throw usageError(`${name}:${error.message}`);
    throw error;
  }
}

function expandList(value: unknown): readonly unknown[] {
  const isList = typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string' && value.kind.endsWith('List');
  return isList && 'items' in value && Array.isArray(value.items) ? value.items : [value];
}

function checkObject(value: unknown, where: string): AnyObject {
  const object = value as Partial<AnyObject> | null;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw usageError(`${where}: is not an object but ${Array.isArray(object) ? 'a list' : typeof object}.`);
  if (typeof object.kind !== 'string') throw usageError(`${where}: kind is missing.`);
  if (typeof object.metadata?.name !== 'string') throw usageError(`${where}: metadata.name is missing.`);
  return object as AnyObject;
}

function manifestFiles(path: string): string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    throw usageError(`${path} is not there.`);
  }
  if (!isFolder) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
