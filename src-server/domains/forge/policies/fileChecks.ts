import type { ObjectReader } from '../git/objects/objectReader';
import { scanSecrets, type SecretFinding } from '../secrets/scanSecrets';
import type { ChangedFile } from './changedFiles';
import type { FileLimits, SecretRule } from './contentRules';
import { pathPattern, type PathPattern } from './pathPattern';
import type { Violation } from './violation';

export interface FileFinding extends Pick<Violation, 'message' | 'advice' | 'line'> {
  readonly file: ChangedFile;
  readonly warnOnly?: boolean;
  /** Of a secret: the rule that found it. */
  readonly secretRule?: string;
}

const SUBMODULE = '160000';
const MIB = 1024 ** 2;

/** What the paths and sizes of changed files break; each path once. */
export async function checkLimits(limits: FileLimits, files: readonly ChangedFile[], objects: ObjectReader): Promise<FileFinding[]> {
  const denied = patterns(limits.denyPaths);
  const except = patterns(limits.exceptPaths);
  const findings: FileFinding[] = [];
  const judged = new Set<string>();
  const checked = files.filter(({ path }) => !matchesAny(except, path));
  const sizes = limits.maxSizeBytes === undefined ? new Map<string, number>() : await sizesOf(checked, objects);
  const remove = (path: string): string => limits.message ?? `Take it out of the commit: git rm --cached ${shellPath(path)}, then git commit --amend; of an older one: git rebase -i BASE`;
  for (const file of checked) {
    const { path, oid } = file;
    if (judged.has(path)) continue;
    const pattern = denied.find((each) => each.matches(path));
    const size = sizes.get(oid) ?? 0;
    if (pattern !== undefined) findings.push({ file, message: `the path may not be pushed: it matches ${pattern.text}`, advice: remove(path) });
    else if (limits.maxPathLength !== undefined && path.length > limits.maxPathLength) {
      findings.push({ file, message: `the path has ${path.length} characters, ${limits.maxPathLength} are allowed`, advice: limits.message ?? 'Give it a shorter name: git mv' });
    } else if (limits.maxSizeBytes !== undefined && size > limits.maxSizeBytes) {
      findings.push({ file, message: `the file has ${formatBytes(size)}, ${formatBytes(limits.maxSizeBytes)} are allowed`, advice: limits.message ?? `Keep it in Git LFS: git lfs migrate import --include=${shellPath(path)}` });
    } else continue;
    judged.add(path);
  }
  return findings;
}

/** What a scan may cost: files beyond are told as not looked into. */
export interface ScanBudget {
  bytes: number;
  readonly maxBlobBytes: number;
}

export const DEFAULT_SCAN: ScanBudget = { bytes: 512 * MIB, maxBlobBytes: 4 * MIB };

/** Secrets in changed files that were not in them before. */
export async function checkSecrets(rule: SecretRule, files: readonly ChangedFile[], opts: { objects: ObjectReader; budget: ScanBudget; signal?: AbortSignal | undefined }): Promise<{ findings: FileFinding[]; skipped: ChangedFile[] }> {
  const except = patterns(rule.exceptPaths);
  const findings: FileFinding[] = [];
  const skipped: ChangedFile[] = [];
  const scanned = new Set<string>();
  for (const file of files) {
    if (file.mode === SUBMODULE || scanned.has(file.oid) || matchesAny(except, file.path)) continue;
    scanned.add(file.oid);
    const info = await opts.objects.info(file.oid);
    if (info?.type !== 'blob') continue;
    if (info.sizeBytes > opts.budget.maxBlobBytes || info.sizeBytes > opts.budget.bytes) {
      skipped.push(file);
      continue;
    }
    opts.budget.bytes -= info.sizeBytes;
    const found = await scanBlob(opts.objects, file.oid, { ...opts, rule });
    if (found.length === 0) continue;
    const old = new Set((await Promise.all(file.before.map((oid) => scanBlob(opts.objects, oid, { ...opts, rule })))).flat().map(({ digest }) => digest));
    findings.push(...found.filter(({ digest }) => !old.has(digest)).map((each) => secretFinding(file, each)));
  }
  return { findings, skipped };
}

async function scanBlob(objects: ObjectReader, oid: string, opts: { rule: SecretRule; budget: ScanBudget; signal?: AbortSignal | undefined }): Promise<SecretFinding[]> {
  const info = await objects.info(oid);
  if (info?.type !== 'blob' || info.sizeBytes > opts.budget.maxBlobBytes) return [];
  const blob = await objects.read(oid, opts.budget.maxBlobBytes);
  return blob === undefined ? [] : scanSecrets(blob.content, { disabledRules: opts.rule.disabledRules ?? [], signal: opts.signal });
}

function secretFinding(file: ChangedFile, { line, title, rule, severity }: SecretFinding): FileFinding {
  return {
    file,
    line,
    secretRule: rule,
    warnOnly: severity === 'warn',
    message: `this looks like ${title} (${rule})`,
    advice: 'Take it out of the history (git commit --amend, or git rebase -i BASE) and revoke it. If it is none: git push -o secret-override="WHY"',
  };
}

/** Questions to the reader are pipelined; so many at a time keep it busy. */
const AT_ONCE = 256;

async function sizesOf(files: readonly ChangedFile[], objects: ObjectReader): Promise<Map<string, number>> {
  const oids = [...new Set(files.filter(({ mode }) => mode !== SUBMODULE).map(({ oid }) => oid))];
  const sizes = new Map<string, number>();
  for (let start = 0; start < oids.length; start += AT_ONCE) {
    for (const info of await Promise.all(oids.slice(start, start + AT_ONCE).map((oid) => objects.info(oid)))) if (info !== undefined) sizes.set(info.oid, info.sizeBytes);
  }
  return sizes;
}

function patterns(texts: readonly string[] = []): PathPattern[] {
  return texts.map(pathPattern);
}

function matchesAny(list: readonly PathPattern[], path: string): boolean {
  return list.some((each) => each.matches(path));
}

/** A path as it can be typed: quoted where a shell would take it apart. */
function shellPath(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll('\'', '\'\\\'\'')}'`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const unit = bytes < MIB ? ['KiB', 1024] as const : bytes < 1024 * MIB ? ['MiB', MIB] as const : ['GiB', 1024 * MIB] as const;
  return `${(bytes / unit[1]).toFixed(bytes % unit[1] === 0 ? 0 : 1)} ${unit[0]}`;
}
