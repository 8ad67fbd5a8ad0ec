import type { LineReader } from '../process/lineReader';
import { pathBytes, pathText } from '../objects/pathText';

export type FileStatus = 'added' | 'deleted' | 'modified' | 'renamed' | 'copied' | 'type-changed';

/** One file of a diff without its content. */
export interface DiffFileSummary {
  readonly status: FileStatus;
  /** Where it is now; for a deleted file, where it was. */
  readonly path: string;
  /** Where it was, for renamed and copied files. */
  readonly oldPath?: string;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldSha: string;
  readonly newSha: string;
  /** Percent, for renamed and copied files. */
  readonly similarity?: number;
  /** Zero for binary files. */
  readonly additions: number;
  readonly deletions: number;
  readonly isBinary: boolean;
}

export type ChangedFile = Pick<DiffFileSummary, 'path' | 'oldPath'>;

export interface DiffLine {
  readonly kind: 'context' | 'add' | 'delete';
  /** Without the line feed; a carriage return stays. */
  readonly text: string;
  /** From 1; undefined for added lines. */
  readonly oldLine?: number;
  /** From 1; undefined for deleted lines. */
  readonly newLine?: number;
  /** The file ends here without a line feed. */
  readonly noNewline?: true;
  /** The line is longer than the limit and was cut. */
  readonly cut?: true;
}

export interface DiffHunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** What git shows behind the `@@`: the function around it. */
  readonly section: string;
  readonly lines: readonly DiffLine[];
}

export interface DiffFile extends DiffFileSummary {
  readonly hunks: readonly DiffHunk[];
  /** Lines were left out, because the file or the whole diff is over its limit. The counts are still those of the whole file. */
  readonly truncated: boolean;
}

export interface DiffLimits {
  /** Files whose content is given. */
  readonly maxFiles: number;
  /** Lines per file. */
  readonly maxFileLines: number;
  /** Lines of all files. */
  readonly maxLines: number;
  /** Bytes of one line; longer ones are cut. */
  readonly maxLineBytes: number;
}

/**
 * Reads the two lists that `git diff --raw --numstat -z` writes first. With `-z` paths are plain bytes, never quoted. Answers the files
 * and the rest of the stream's position by way of the reader; undefined, and nothing of the second list, when there are more than `maxFiles`.
 */
export async function readSummaries(reader: LineReader, maxFiles = Number.POSITIVE_INFINITY): Promise<DiffFileSummary[] | undefined> {
  const records: RawRecord[] = [];
  const counts = new Map<string, LineCounts>();
  for (;;) {
    const field = await reader.readUntil(0);
    // Nothing more, or the empty field that stands between the lists and the patch.
    if (field === undefined || field.length === 0) break;
    const text = pathText(field);
    if (text.startsWith(':')) {
      records.push(await readRawRecord(text, reader));
      if (records.length > maxFiles) return undefined;
    } else {
      const { path, ...count } = await readCountRecord(text, reader);
      counts.set(path, count);
    }
  }
  // A file in which only ignored white space changed is listed and not counted.
  return records.map((record) => ({ ...record, ...(counts.get(record.path) ?? { additions: 0, deletions: 0, isBinary: false }) }));
}

/** Only the paths of the list that `git diff --raw -z` writes, all of which is there: of a hundred thousand files nothing else is kept. */
export function readChangedPaths(list: Buffer): ChangedFile[] {
  const files: ChangedFile[] = [];
  let at = 0;
  const field = (): Buffer => {
    const end = list.indexOf(0, at);
    const bytes = list.subarray(at, end < 0 ? list.length : end);
    at = end < 0 ? list.length : end + 1;
    return bytes;
  };
  while (at < list.length) {
    const code = field().toString('latin1').split(' ')[4] ?? '';
    const path = pathText(field());
    files.push(/^[RC]/.test(code) ? { path: pathText(field()), oldPath: path } : { path });
  }
  return files;
}

/**
 * Reads the patch that follows: the content of `files`, in the order of the lists. Stops at the limits; the files beyond have no hunks
 * and are truncated. Answers whether the stream was read to its end.
 */
export async function readPatches(reader: LineReader, files: readonly DiffFileSummary[], limits: DiffLimits): Promise<{ files: DiffFile[]; complete: boolean }> {
  const result: DiffFile[] = [];
  let linesLeft = limits.maxLines;
  let header = await reader.readLine();
  for (const summary of files) {
    if (result.length >= limits.maxFiles || linesLeft <= 0) return { files: [...result, ...files.slice(result.length).map(withoutContent)], complete: false };
    const collector = new HunkCollector(Math.min(limits.maxFileLines, linesLeft), limits.maxLineBytes);
    // A file that became a symbolic link, or the other way round, is two sections: the deletion and the addition.
    const expected = sectionHeader(summary);
    for (let sections = summary.status === 'type-changed' ? 2 : 1; sections > 0 && header === expected; sections -= 1) {
      header = await readSection(reader, collector);
    }
    linesLeft -= collector.taken;
    result.push({ ...summary, hunks: collector.hunks, truncated: collector.truncated });
  }
  if (header !== undefined) throw new Error(`git diff answered a section that it did not list: "${header.slice(0, 120)}"`);
  return { files: result, complete: true };
}

type RawRecord = Omit<DiffFileSummary, keyof LineCounts>;

const STATUSES: Readonly<Record<string, FileStatus>> = { A: 'added', D: 'deleted', M: 'modified', R: 'renamed', C: 'copied', T: 'type-changed' };

/** `:<old mode> <new mode> <old id> <new id> <status><similarity>`, then one path, or two for renamed and copied files. */
async function readRawRecord(text: string, reader: LineReader): Promise<RawRecord> {
  const [oldMode = '', newMode = '', oldSha = '', newSha = '', code = ''] = text.slice(1).split(' ');
  const status = STATUSES[code.charAt(0)];
  if (status === undefined) throw new Error(`git diff answered an unknown status "${code}"`);
  const first = await readPath(reader);
  if (status !== 'renamed' && status !== 'copied') return { status, path: first, oldMode, newMode, oldSha, newSha };
  const second = await readPath(reader);
  return { status, path: second, oldPath: first, oldMode, newMode, oldSha, newSha, similarity: Number(code.slice(1)) };
}

async function readPath(reader: LineReader): Promise<string> {
  const bytes = await reader.readUntil(0);
  return bytes === undefined ? '' : pathText(bytes);
}

interface LineCounts {
  readonly additions: number;
  readonly deletions: number;
  readonly isBinary: boolean;
}

/** `<added>\t<deleted>\t<path>`, with `-` for binary files; a renamed file has an empty path here and its two in the next fields. */
async function readCountRecord(text: string, reader: LineReader): Promise<LineCounts & { path: string }> {
  const match = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(text);
  if (match === null) throw new Error(`git diff answered an unknown record "${text.slice(0, 80)}"`);
  let path = match[3] ?? '';
  if (path === '') {
    await reader.readUntil(0);
    path = await readPath(reader);
  }
  const isBinary = match[1] === '-';
  return { path, isBinary, additions: isBinary ? 0 : Number(match[1]), deletions: isBinary ? 0 : Number(match[2]) };
}

/** The line that begins a file's section, which git writes with quoted paths where they need it, `-z` or not. */
function sectionHeader(summary: DiffFileSummary): string {
  // The reader of lines replaces what is no UTF-8, so it is replaced here, too.
  const read = (path: string): string => quotePath(pathBytes(path).toString('utf8'));
  return `diff --git ${read(`a/${summary.oldPath ?? summary.path}`)} ${read(`b/${summary.path}`)}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\u0007': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', '"': '"', '\\': '\\' };

/** Quotes as git's quote.c does with core.quotePath off. */
function quotePath(path: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is quoted
  const special = /[\u0000-\u001f"\\\u007f]/g;
  if (!special.test(path)) return path;
  return `"${path.replace(special, (character) => `\\${ESCAPES[character] ?? character.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;
}

/** Reads one `diff --git` section; answers the first line behind it. */
async function readSection(reader: LineReader, collector: HunkCollector): Promise<string | undefined> {
  for (;;) {
    const line = await reader.readLine();
    if (line === undefined || line.startsWith('diff --git ')) return line;
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/.exec(line);
    // Everything else here is the extended header, which the lists have said already.
    if (hunk === null) continue;
    const ranges = { oldStart: Number(hunk[1]), oldLines: Number(hunk[2] ?? 1), newStart: Number(hunk[3]), newLines: Number(hunk[4] ?? 1) };
    const next = await readHunk(reader, collector, { ...ranges, section: hunk[5] ?? '' });
    if (next !== undefined) reader.unreadLine(next);
  }
}

/**
 * Reads exactly the lines that the hunk's header counts, so that a content line that looks like a header is not mistaken for one.
 * Answers the line behind the hunk, when it had to be read to see whether it is the note about a missing line feed.
 */
async function readHunk(reader: LineReader, collector: HunkCollector, header: Omit<DiffHunk, 'lines'>): Promise<string | undefined> {
  collector.begin(header);
  let oldLeft = header.oldLines;
  let newLeft = header.newLines;
  for (;;) {
    const bytes = await reader.readLineBytes();
    if (bytes === undefined) return undefined;
    const marker = bytes[0];
    if (marker === BACKSLASH) {
      collector.noNewline();
      continue;
    }
    if (oldLeft === 0 && newLeft === 0) return bytes.toString('utf8');
    if (marker === PLUS) newLeft -= 1;
    else if (marker === MINUS) oldLeft -= 1;
    else {
      oldLeft -= 1;
      newLeft -= 1;
    }
    collector.add(marker === PLUS ? 'add' : marker === MINUS ? 'delete' : 'context', bytes.subarray(1));
  }
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;

/** Numbers the lines of a file's hunks and keeps as many of them as the limit allows. */
class HunkCollector {
  readonly hunks: { oldStart: number; oldLines: number; newStart: number; newLines: number; section: string; lines: DiffLine[] }[] = [];
  taken = 0;
  truncated = false;
  readonly #maxLines: number;
  readonly #maxLineBytes: number;
  #oldLine = 0;
  #newLine = 0;

  constructor(maxLines: number, maxLineBytes: number) {
    this.#maxLines = maxLines;
    this.#maxLineBytes = maxLineBytes;
  }

  begin(header: Omit<DiffHunk, 'lines'>): void {
    if (this.taken >= this.#maxLines) this.truncated = true;
    if (this.truncated) return;
    this.hunks.push({ ...header, lines: [] });
    this.#oldLine = header.oldStart;
    this.#newLine = header.newStart;
  }

  add(kind: DiffLine['kind'], bytes: Buffer): void {
    if (this.taken >= this.#maxLines) this.truncated = true;
    if (this.truncated) return;
    const cut = bytes.length > this.#maxLineBytes;
    const text = (cut ? bytes.subarray(0, this.#maxLineBytes) : bytes).toString('utf8');
    const old = kind === 'add' ? {} : { oldLine: this.#oldLine++ };
    const now = kind === 'delete' ? {} : { newLine: this.#newLine++ };
    this.hunks.at(-1)?.lines.push({ kind, text, ...old, ...now, ...(cut ? { cut } : {}) });
    this.taken += 1;
  }

  noNewline(): void {
    if (this.truncated) return;
    const lines = this.hunks.at(-1)?.lines;
    const last = lines?.pop();
    if (last !== undefined) lines?.push({ ...last, noNewline: true });
  }
}

function withoutContent(summary: DiffFileSummary): DiffFile {
  return { ...summary, hunks: [], truncated: !summary.isBinary && summary.additions + summary.deletions > 0 };
}
