import { StatusError } from '#shared/api/status';
import { relatePair } from '../history/ancestry';
import { orderBranches } from './branchFiles';
import { parseSignature, type Signature } from '../objects/commitObject';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';
import { ZERO_OID } from '../objects/objectId';
import { readHeadFile, readRefFiles } from './refFiles';
import { branchRef, shortRefName } from './refName';

export interface RefView {
  /** Short name: `feature/login`, `v1.0`. */
  readonly name: string;
  readonly ref: string;
  /** The commit, tags peeled; for a tag of a tree or blob, that object. */
  readonly sha: string;
  /** Set for annotated tags: the tag object and its first line. */
  readonly tag?: { readonly sha: string; readonly subject: string; readonly tagger: Signature | undefined };
  /** Date of the tag, or of the commit; RFC 3339. Undefined for a tag of a tree or blob. */
  readonly date: string | undefined;
  readonly subject: string;
  readonly author: Signature | undefined;
}

export interface ListRefsOptions {
  readonly kind: 'branches' | 'tags';
  /** Only names that contain this text, without regard to case. */
  readonly search?: string;
  /** Default `updated`: newest first. */
  readonly sort?: 'name' | 'updated';
  /** Only those whose commit, or tag, is at least or at most this old; seconds since 1970. */
  readonly after?: number;
  readonly before?: number;
  /** Only those whose commit has one of these as its author; compared without regard to case. */
  readonly authorEmails?: readonly string[];
  readonly offset?: number;
  /** Default 50, at most 1,000. */
  readonly limit?: number;
}

export interface RefPage {
  readonly items: readonly RefView[];
  /** References that match `search`. */
  readonly total: number;
  readonly nextOffset?: number;
}

/** One page of branches or tags. Only the page's own references are read in full. */
export async function listRefs(repository: GitRepository, options: ListRefsOptions): Promise<RefPage> {
  const { offset = 0 } = options;
  const limit = Math.min(options.limit ?? 50, 1000);
  const order = options.kind === 'branches' ? await orderBranches(repository, options) : undefined;
  const refs = order?.refs ?? (await orderRefs(repository, options));
  const page = refs.slice(offset, offset + limit);
  const found = page.length === 0 ? new Map<string, RefView>() : ((await order?.read(page)) ?? (await readRefs(repository, page)));
  return {
    items: page.flatMap((ref) => found.get(ref) ?? []),
    total: refs.length,
    ...(offset + limit < refs.length ? { nextOffset: offset + limit } : {}),
  };
}

/** Names of all references that are asked for, by one git. */
async function orderRefs(repository: GitRepository, options: ListRefsOptions): Promise<string[]> {
  const { search = '', sort = 'updated' } = options;
  const prefix = options.kind === 'branches' ? 'refs/heads/' : 'refs/tags/';
  // git sorts by the last key first: the name decides between equals, so that pages do not overlap.
  const order = sort === 'name' ? ['--sort=refname'] : ['--sort=refname', '--sort=-creatordate'];
  // Each of these is an object to be read, for every reference there is: only what is asked about.
  const date = options.after === undefined && options.before === undefined ? '' : '%(creatordate:unix)';
  const author = options.authorEmails === undefined ? '' : '%(authoremail:trim)';
  const { stdout } = await forEachRef(repository, [`--format=%(refname)%00${date}%00${author}`, ...order, prefix]);
  const wanted = search.toLowerCase();
  const emails = options.authorEmails === undefined ? undefined : new Set(options.authorEmails.map((email) => email.toLowerCase()));
  const names: string[] = [];
  for (const line of stdout.toString('utf8').split('\n')) {
    const [ref = '', at = '', email = ''] = line.split('\0');
    if (ref === '' || !ref.slice(prefix.length).toLowerCase().includes(wanted)) continue;
    if (options.after !== undefined && Number(at) < options.after) continue;
    if (options.before !== undefined && Number(at) >= options.before) continue;
    if (emails === undefined || emails.has(email.toLowerCase())) names.push(ref);
  }
  return names;
}

/** One reference with what it points at; undefined when it is not there. */
export async function readRef(repository: GitRepository, ref: string): Promise<RefView | undefined> {
  return (await readRefs(repository, [ref])).get(ref);
}

/** Every reference under a prefix (`refs/heads/`) with the object it has; annotated tags are not peeled. */
export async function refTargets(repository: GitRepository, prefixes: readonly string[]): Promise<Map<string, string>> {
  const read = await readRefFiles(repository.path, prefixes);
  if (read !== undefined) return read;
  const { stdout } = await forEachRef(repository, ['--format=%(objectname) %(refname)', ...prefixes]);
  const targets = new Map<string, string>();
  for (const line of stdout.toString('utf8').split('\n')) {
    if (line !== '') targets.set(line.slice(41), line.slice(0, 40));
  }
  return targets;
}

/**
 * How many commits `head` has that `base` lacks, and the other way round. In topological order git walks by generations and stops where the two
 * meet; by date it goes on for as long as a clock was wrong somewhere.
 */
export async function aheadBehind(repository: GitRepository, base: string, head: string): Promise<{ ahead: number; behind: number }> {
  const known = await relatePair(repository, base, head);
  if (known !== undefined) return { ahead: known.ahead, behind: known.behind };
  const { stdout } = await repository.git.run(['rev-list', '--topo-order', '--left-right', '--count', `${base}...${head}`, '--'], { gitDir: repository.path });
  const [behind = 0, ahead = 0] = stdout.toString().trim().split('\t').map(Number);
  return { ahead, behind };
}

export interface UpdateRefOptions {
  readonly ref: string;
  /** Undefined deletes the reference. */
  readonly newOid: string | undefined;
  /** What it has to have now: undefined for "must not exist", `any` for no question. */
  readonly expectedOid: string | undefined | 'any';
  /** Why, for the reflog. */
  readonly reason: string;
}

/** Moves a reference by compare-and-swap. Throws Conflict when it does not have what was expected: somebody else moved it. */
export async function updateRef(repository: GitRepository, options: UpdateRefOptions): Promise<void> {
  const { ref, newOid, expectedOid, reason } = options;
  const expected = expectedOid === 'any' ? [] : [expectedOid ?? ZERO_OID];
  const change = newOid === undefined ? ['-d', ref, ...expected.filter((oid) => oid !== ZERO_OID)] : [ref, newOid, ...expected];
  try {
    await repository.git.run(['update-ref', '-m', reason, ...change], { gitDir: repository.path });
  } catch (error) {
    throw refFailure(error, ref);
  }
}

/** Points references at an object, whatever they have now: all of them or none, by one git. Throws Conflict while another git has one. */
export async function setRefs(repository: GitRepository, refs: readonly string[], options: { newOid: string; reason: string }): Promise<void> {
  if (refs.length === 0) return;
  try {
    await repository.git.run(['update-ref', '-m', options.reason, '--stdin'], { gitDir: repository.path, input: refs.map((ref) => `update ${ref} ${options.newOid}\n`).join('') });
  } catch (error) {
    throw refFailure(error, refs[0] ?? '');
  }
}

function refFailure(error: unknown, ref: string): unknown {
  if (!(error instanceof GitError)) return error;
  const inTheWay = /'refs\/[a-z]+\/([^']+)' exists; cannot create/.exec(error.stderr)?.[1];
  if (inTheWay !== undefined) {
    return new StatusError('AlreadyExists', `There is already "${inTheWay}", and a name cannot be a folder of another: choose one that does not go through "${inTheWay}"`, { cause: error });
  }
  // `cannot lock ref '…': is at X but expected Y`, `reference already exists`, `unable to resolve reference`, or a lock held.
  if (/cannot lock ref|reference already exists|unable to resolve reference/.test(error.stderr)) {
    return new StatusError('Conflict', `${shortRefName(ref)} was changed by somebody else in the meantime; look at it again and retry`, { code: 'REF_CHANGED', cause: error });
  }
  return error;
}

/** Creates a branch at a commit. Throws Invalid for a bad name and AlreadyExists when it is there. */
export async function createBranch(repository: GitRepository, name: string, sha: string): Promise<void> {
  const ref = branchRef(name, 'name');
  if ((await repository.objects.resolve(ref)) !== undefined) throw new StatusError('AlreadyExists', `There is already a branch "${name}"`);
  await updateRef(repository, { ref, newOid: sha, expectedOid: undefined, reason: 'branch: created' });
}

/** Deletes a branch that still has the commit that the caller saw. Throws Conflict when it moved, Invalid for the default branch. */
export async function deleteBranch(repository: GitRepository, name: string, expectedSha: string): Promise<void> {
  const ref = branchRef(name, 'name');
  if ((await readHeadRef(repository)) === ref) throw new StatusError('Invalid', `"${name}" is the default branch; make another one the default first`);
  await updateRef(repository, { ref, newOid: undefined, expectedOid: expectedSha, reason: 'branch: deleted' });
}

/** The reference that HEAD means, also when it does not exist yet; undefined when HEAD is detached. */
export async function readHeadRef(repository: GitRepository): Promise<string | undefined> {
  return readHeadFile(repository.path);
}

const FIELDS = ['refname', 'objectname', 'objecttype', '*objectname', 'creatordate:unix', 'contents:subject', '*contents:subject', 'author', '*author', 'tagger'];

async function readRefs(repository: GitRepository, refs: readonly string[]): Promise<Map<string, RefView>> {
  const { stdout } = await forEachRef(repository, [`--format=${FIELDS.map((field) => `%(${field})`).join('%00')}`, ...refs]);
  const views = new Map<string, RefView>();
  for (const line of stdout.toString('utf8').split('\n')) {
    if (line === '') continue;
    const view = parseRefLine(line.split('\0'));
    views.set(view.ref, view);
  }
  return views;
}

function parseRefLine(fields: readonly string[]): RefView {
  const [ref = '', oid = '', type = '', peeled = '', date = '', subject = '', peeledSubject = '', author = '', peeledAuthor = '', tagger = ''] = fields;
  const isTag = type === 'tag';
  const person = isTag ? peeledAuthor : author;
  return {
    name: shortRefName(ref),
    ref,
    sha: isTag ? peeled : oid,
    ...(isTag ? { tag: { sha: oid, subject, tagger: tagger === '' ? undefined : parseSignature(tagger) } } : {}),
    date: date === '' ? undefined : new Date(Number(date) * 1000).toISOString(),
    subject: isTag ? peeledSubject : subject,
    author: person === '' ? undefined : parseSignature(person),
  };
}

function forEachRef(repository: GitRepository, args: readonly string[]) {
  return repository.git.run(['for-each-ref', ...args], { gitDir: repository.path, maxBytes: 128 * 1024 * 1024 });
}
