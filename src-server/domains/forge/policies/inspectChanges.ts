import { type Commit, parseCommit } from '../git/objects/commitObject';
import type { GitRepository } from '../git/gitRepositories';
import { refTargets } from '../git/refs/refs';
import { peelToCommit } from '../git/objects/resolve';
import { type RefChange, type RefSituation, runBranch } from '../protection/refChange';
import { shortRefName } from '../git/refs/refName';
import type { Keyring } from '../signatures/keyring';
import { readSignatures } from '../signatures/readSignatures';
import { type ChangedFiles, readChangedFiles } from './changedFiles';
import { checkCommit, checkSignature, type CommitFinding } from './commitChecks';
import { type ContentRule, readsCommits, readsFiles } from './contentRules';
import { checkLimits, checkSecrets, DEFAULT_SCAN, type FileFinding } from './fileChecks';
import { type NewCommits, reachedFrom, readNewCommits } from './newCommits';
import type { Violation } from './violation';

export interface InspectionLimits {
  /** New commits of one push that are looked at. Default 20,000. */
  readonly maxCommits?: number;
  /** Changed files. Default 200,000. */
  readonly maxFiles?: number;
  /** Bytes that are searched for secrets. Default 512 MiB, of one file 4 MiB. */
  readonly maxScanBytes?: number;
  readonly maxBlobBytes?: number;
}

export interface ContentInspection {
  /** With the objects of the changes, in quarantine or not. */
  readonly repository: GitRepository;
  readonly changes: readonly RefChange[];
  readonly rules: readonly ContentRule[];
  readonly situation: RefSituation;
  /** Read when a rule asks who somebody is. */
  readonly keyring: () => Promise<Keyring>;
  /** Why findings of secrets are pushed all the same, where {@link mayOverride} says so. */
  readonly override?: { readonly reason: string; readonly mayOverride: (rule: ContentRule) => Promise<boolean> } | undefined;
  readonly limits?: InspectionLimits | undefined;
  /** Somebody pushes them; else the forge moves what was pushed before, perhaps by others. */
  readonly isPush?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A violation that was found in a file as a secret, for the record. */
export interface ContentViolation extends Violation {
  readonly secretRule?: string;
}

const DEFAULTS = { maxCommits: 20_000, maxFiles: 200_000, maxScanBytes: DEFAULT_SCAN.bytes, maxBlobBytes: DEFAULT_SCAN.maxBlobBytes };

/**
 * What the commits, tags and files that come to references break. Only what is new to the references that a rule covers is looked at: of
 * a rule for all, what no branch or tag has; of a rule for some, what none of those has, so that nothing comes in by a detour.
 */
export async function inspectChanges(input: ContentInspection): Promise<ContentViolation[]> {
  const limits = { ...DEFAULTS, ...input.limits };
  const heads = new Map<string, Head>();
  for (const { ref, newSha } of input.changes) if (newSha !== undefined && input.rules.some((rule) => rule.covers(ref))) heads.set(ref, { tip: newSha, commit: await peelToCommit(input.repository.objects, newSha) });
  const found: ContentViolation[] = [];
  const scopes = new Map<string, ContentRule[]>();
  for (const rule of input.rules) scopes.set(rule.scope, [...(scopes.get(rule.scope) ?? []), rule]);
  for (const rules of scopes.values()) {
    input.signal?.throwIfAborted();
    const scope = await openScope(input, rules, { heads, limits });
    if (scope === undefined) continue;
    for (const rule of rules) found.push(...(await inspectByRule(input, rule, { scope, limits })));
  }
  return found;
}

interface Head {
  readonly tip: string;
  /** Undefined: a tag of a file or folder. */
  readonly commit: string | undefined;
}

type Limits = Required<InspectionLimits>;

/** The changed references that some rules cover alike, and what is new to them. */
interface Scope {
  readonly heads: ReadonlyMap<string, Head>;
  readonly fresh: NewCommits;
  readonly files: ChangedFiles;
}

async function openScope(input: ContentInspection, rules: readonly ContentRule[], opts: { heads: ReadonlyMap<string, Head>; limits: Limits }): Promise<Scope | undefined> {
  const { repository, signal } = input;
  const [any] = rules;
  const heads = new Map([...opts.heads].filter(([ref]) => any?.covers(ref) === true));
  if (any === undefined || heads.size === 0) return undefined;
  const tips = [...new Set([...heads.values()].flatMap(({ commit }) => commit ?? []))];
  const known = any.coversAll ? undefined : await knownTo(input, any, heads);
  const fresh = tips.length === 0 ? { commits: new Map<string, string[]>(), truncated: false } : await readNewCommits(repository, { heads: tips, known, max: opts.limits.maxCommits, signal });
  const wantsFiles = rules.some(readsFiles) && fresh.commits.size > 0 && !fresh.truncated;
  const files = wantsFiles ? await readChangedFiles(repository, fresh.commits.keys(), { max: opts.limits.maxFiles, signal }) : { files: [], truncated: false };
  return { heads, fresh, files };
}

/** What counts as there already: the covered references as they are, and of a new one the default branch, which it is likely to start from. */
async function knownTo(input: ContentInspection, rule: ContentRule, heads: ReadonlyMap<string, Head>): Promise<string[]> {
  const targets = await refTargets(input.repository, ['refs/heads/', 'refs/tags/']);
  const isNew = input.changes.some(({ ref, oldSha }) => oldSha === undefined && heads.has(ref));
  const known = [...targets].filter(([ref]) => rule.covers(ref)).map(([, oid]) => oid);
  const base = targets.get(`refs/heads/${input.situation.defaultBranch}`);
  const commits = await Promise.all([...known, ...(isNew && base !== undefined ? [base] : [])].map((oid) => peelToCommit(input.repository.objects, oid)));
  return [...new Set(commits.flatMap((oid) => oid ?? []))];
}

async function inspectByRule(input: ContentInspection, rule: ContentRule, { scope, limits }: { scope: Scope; limits: Limits }): Promise<ContentViolation[]> {
  const { fresh, files } = scope;
  const spread = spreader(rule, scope);
  const found: ContentViolation[] = [...(await inspectTips(input, rule, scope))];
  // The first push brings a history that was made before there were rules; what is in its files counts all the same.
  const asksHistory = !input.situation.empty && (rule.linearHistory || readsCommits(rule));
  if ((fresh.truncated && (asksHistory || readsFiles(rule))) || (files.truncated && readsFiles(rule))) {
    const what = fresh.truncated ? `${limits.maxCommits} new commits` : `${limits.maxFiles} changed files`;
    const message = `this brings more than ${what}, more than the rule can look into at once`;
    return [...found, ...spread(undefined, { message, advice: 'Push it in parts, older commits first: git push origin COMMIT:refs/heads/NAME' })];
  }
  if (asksHistory && rule.linearHistory) {
    for (const [sha, parents] of fresh.commits) if (parents.length > 1) found.push(...spread(sha, { message: 'this is a merge commit, and the history has to stay linear', advice: 'Replay your commits instead: git rebase origin/TARGET' }));
  }
  if (asksHistory && readsCommits(rule)) found.push(...(await inspectCommits(input, rule, scope)).flatMap(({ sha, ...finding }) => spread(sha, finding)));
  if (rule.files !== undefined) found.push(...(await checkLimits(rule.files, files.files, input.repository.objects)).flatMap((finding) => spreadFile(spread, finding)));
  if (rule.secrets !== undefined) found.push(...(await inspectSecrets(input, rule, { scope, limits, spread })));
  return found;
}

/** What a reference itself points at: a tag's own signature, and things that have no history to look into. */
async function inspectTips(input: ContentInspection, rule: ContentRule, { heads }: Scope): Promise<ContentViolation[]> {
  const found: ContentViolation[] = [];
  for (const [ref, { tip, commit }] of heads) {
    const at = (finding: CommitFinding): ContentViolation => toViolation(rule, finding, { ref, sha: tip });
    if (commit === undefined && readsFiles(rule)) {
      found.push(at({ message: `${shortRefName(ref)} names a file or folder, into which the rule cannot look`, advice: 'Tag a commit' }));
    }
    if (!ref.startsWith('refs/tags/') || rule.signedTags === 'ignore') continue;
    if (tip === commit) {
      found.push(...checkSignature(rule.signedTags, { state: 'unsigned', reason: 'It is a plain name for a commit, which nothing signs.' }, 'tag').map(at));
      continue;
    }
    const view = (await readSignatures(input.repository, await input.keyring(), [tip])).get(tip);
    found.push(...checkSignature(rule.signedTags, view ?? { state: 'bad', reason: 'It cannot be read.' }, 'tag').map(at));
  }
  return found;
}

const COMMITS_AT_ONCE = 128;
const MAX_COMMIT_BYTES = 4 * 1024 * 1024;

async function inspectCommits(input: ContentInspection, rule: ContentRule, { heads, fresh }: Scope): Promise<(CommitFinding & { sha: string })[]> {
  const keyring = await input.keyring();
  const { actor } = input.situation;
  const pusher = actor.kind === 'user' ? keyring.people.get(actor.name) : undefined;
  // A run has no key: where its work is merged, the rule is asked again.
  const isOwnRun = actor.kind === 'run' && [...heads.keys()].every((ref) => ref === `refs/heads/${runBranch(actor.run?.name ?? actor.name)}`);
  const signed = isOwnRun ? 'ignore' : rule.signedCommits;
  const found: (CommitFinding & { sha: string })[] = [];
  const shas = [...fresh.commits.keys()];
  for (let start = 0; start < shas.length; start += COMMITS_AT_ONCE) {
    input.signal?.throwIfAborted();
    const some = shas.slice(start, start + COMMITS_AT_ONCE);
    const signatures = signed === 'ignore' ? undefined : await readSignatures(input.repository, keyring, some);
    const commits = rule.messages.length === 0 && rule.identities === undefined ? [] : await readCommits(input.repository, some);
    for (const commit of commits) found.push(...checkCommit(rule, commit, { keyring, pusher, isPush: input.isPush === true }).map((each) => ({ ...each, sha: commit.sha })));
    for (const sha of signatures === undefined ? [] : some) {
      found.push(...checkSignature(signed, signatures?.get(sha) ?? { state: 'bad', reason: 'It cannot be read.' }, 'commit').map((each) => ({ ...each, sha })));
    }
  }
  return found;
}

async function readCommits(repository: GitRepository, shas: readonly string[]): Promise<Commit[]> {
  const objects = await Promise.all(shas.map((sha) => repository.objects.read(sha, MAX_COMMIT_BYTES)));
  return objects.flatMap((object, index) => (object === undefined ? [] : [parseCommit(shas[index] ?? '', object.content)]));
}

async function inspectSecrets(input: ContentInspection, rule: ContentRule, opts: { scope: Scope; limits: Limits; spread: Spread }): Promise<ContentViolation[]> {
  const { scope, limits, spread } = opts;
  if (rule.secrets === undefined) return [];
  const budget = { bytes: limits.maxScanBytes, maxBlobBytes: limits.maxBlobBytes };
  const { findings, skipped } = await checkSecrets(rule.secrets, scope.files.files, { objects: input.repository.objects, budget, signal: input.signal });
  const overridden = findings.length > 0 && input.override !== undefined && (await input.override.mayOverride(rule));
  const found = findings.flatMap((finding) => spreadFile(spread, { ...finding, warnOnly: finding.warnOnly === true || rule.secrets?.mode === 'warn' }));
  const told = skipped.slice(0, 3).flatMap((file) => spreadFile(spread, { file, warnOnly: true, message: 'the file is too large to be searched for secrets' }));
  return [...found.map((each) => (overridden && each.outcome === 'refused' ? { ...each, outcome: 'bypassed' as const } : each)), ...told];
}

type Spread = (sha: string | undefined, finding: CommitFinding & { path?: string; line?: number | undefined; secretRule?: string | undefined }) => ContentViolation[];

/** Says of each reference of a scope what is wrong with a commit that it would get; of no commit, of all. */
function spreader(rule: ContentRule, { heads, fresh }: Scope): Spread {
  const reached = new Map<string, Set<string>>();
  const reaches = (commit: string | undefined, sha: string): boolean => {
    if (commit === undefined) return false;
    // Of one reference everything new is its own.
    if (heads.size === 1) return true;
    const known = reached.get(commit) ?? reachedFrom(commit, fresh);
    reached.set(commit, known);
    return known.has(sha);
  };
  return (sha, finding) => [...heads].filter(([, { commit }]) => sha === undefined || reaches(commit, sha)).map(([ref]) => toViolation(rule, finding, { ref, sha }));
}

function spreadFile(spread: Spread, { file, ...finding }: FileFinding): ContentViolation[] {
  return spread(file.sha, { ...finding, path: file.path });
}

function toViolation(rule: ContentRule, finding: Parameters<Spread>[1], at: { ref: string; sha: string | undefined }): ContentViolation {
  const { message, advice, path, line, secretRule, warnOnly } = finding;
  return {
    ref: at.ref,
    rule: rule.name,
    outcome: warnOnly === true ? 'warned' : rule.outcome,
    message,
    ...(at.sha === undefined ? {} : { sha: at.sha }),
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    ...(advice === undefined ? {} : { advice }),
    ...(secretRule === undefined ? {} : { secretRule }),
  };
}
