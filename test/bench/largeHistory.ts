import { generatedPath } from './generateRepository';

/** The 5,000-line file: 40 authors over 1,000 commits, and renamed half-way. */
export const LEDGER_PATH = 'src/ledger.ts';
export const LEDGER_OLD_PATH = 'src/accounts.ts';

export interface LargeHistorySize {
  readonly files: number;
  readonly commits: number;
}

const LEDGER_VERSIONS = 1000;
const LEDGER_LINES = 5000;
const LEDGER_MARK = 1_000_000;
const TOPICS = 50;
const TOPIC_COMMITS = 5;
const MERGE_EVERY = 50;
const RENAME_EVERY = 250;

/**
 * The history of the large repository, for `git fast-import`:
 * `main` (every 50th commit a merge, every 250th a rename of one file into `moved/`), {@link LEDGER_PATH}, a README, fifty branches
 * `topic/1` to `topic/50` of five commits, of which `topic/N` left `main` 20 × N commits ago, and annotated tags `v1` to `v10`.
 */
export function* largeHistory(size: LargeHistorySize): Generator<string> {
  // First and in one row, because fast-import stores each blob as the difference to the one before.
  const ledger = new Ledger();
  for (let version = 0; version < LEDGER_VERSIONS; version += 1) yield `blob\nmark :${LEDGER_MARK + version}\n${data(ledger.next())}\n`;
  const moved = new Map<number, string>();
  const pathOf = (file: number): string => moved.get(file) ?? generatedPath(file);
  const ledgerEvery = Math.max(1, Math.floor(size.commits / LEDGER_VERSIONS));
  const half = Math.floor(LEDGER_VERSIONS / 2);

  yield head('refs/heads/main', 1, 'First commit');
  yield `M 100644 inline README.md\n${data(README)}\nM 100644 :${LEDGER_MARK} ${LEDGER_OLD_PATH}\n`;
  for (let file = 0; file < size.files - 2; file += 1) yield `M 100644 inline ${pathOf(file)}\n${content(file, 1)}`;
  yield '\n';
  for (let commit = 2; commit <= size.commits; commit += 1) {
    const isMerge = commit % MERGE_EVERY === 0;
    yield head('refs/heads/main', commit, isMerge ? `Merge change ${commit - 1}` : `Change ${commit}\n\nGenerated, because ${commit} follows ${commit - 1}.`);
    // The commit before a merge is a branch of its own, which left main where the merge's first parent stands.
    if (isMerge) yield `from :${commit - 2}\nmerge :${commit - 1}\n${change(commit - 1, size.files, pathOf)}`;
    else yield `from :${commit - 1}\n`;
    yield change(commit, size.files, pathOf);
    if (commit % RENAME_EVERY === 1) {
      const file = 20 + ((commit * 31) % (size.files - 22));
      const to = `moved/${Math.floor(commit / 5000)}/file-${file}.ts`;
      yield `R ${pathOf(file)} ${to}\n`;
      moved.set(file, to);
    }
    const version = Math.floor(commit / ledgerEvery);
    if (commit % ledgerEvery === 0 && version < LEDGER_VERSIONS) {
      if (version === half) yield `R ${LEDGER_OLD_PATH} ${LEDGER_PATH}\n`;
      yield `M 100644 :${LEDGER_MARK + version} ${version < half ? LEDGER_OLD_PATH : LEDGER_PATH}\n`;
    }
    yield '\n';
  }
  yield* topics(size);
  for (let tag = 1; tag <= 10; tag += 1) {
    const commit = Math.max(1, Math.floor((size.commits * tag) / 10));
    yield `tag v${tag}\nfrom :${commit}\ntagger ${person(commit)}\n${data(`Version ${tag}`)}\n`;
  }
}

function* topics({ files, commits }: LargeHistorySize): Generator<string> {
  for (let topic = 1; topic <= TOPICS; topic += 1) {
    const base = commits - 20 * topic;
    if (base < 1) return;
    for (let step = 1; step <= TOPIC_COMMITS; step += 1) {
      const commit = 2 * LEDGER_MARK + topic * 100 + step;
      yield head(`refs/heads/topic/${topic}`, commit, `Topic ${topic}, step ${step}`);
      if (step === 1) yield `from :${base}\n`;
      yield `M 100644 inline topics/topic-${topic}/file-${step}.ts\n${content(topic + step, commit)}`;
      // Files of the far end, which main changes seldom: topics merge without a conflict.
      yield `M 100644 inline ${generatedPath(files - 3 - topic * 10 - step)}\n${content(topic * 7 + step, commit)}\n`;
    }
  }
}

function change(commit: number, files: number, pathOf: (file: number) => string): string {
  // Two multiplicative walks touch every file sooner or later, some areas far more often than others.
  const far = (commit * 7919) % (files - 1000);
  const near = (commit * 104_729) % Math.max(20, Math.floor(files / 50));
  return `M 100644 inline ${pathOf(far)}\n${content(far, commit)}M 100644 inline ${pathOf(near)}\n${content(near, commit)}`;
}

function content(file: number, commit: number): string {
  let lines = '';
  for (let line = 0; line < 10 + (file % 30); line += 1) lines += `export const value_${file}_${line} = ${(file * 31 + line * 17 + (line === commit % 10 ? commit : 0)) % 9973};\n`;
  return `${data(lines)}\n`;
}

/** Grows by two lines with each version and changes six, spread over the whole file. */
class Ledger {
  readonly #lines = Array.from({ length: LEDGER_LINES - 2 * (LEDGER_VERSIONS - 1) }, (_, line) => `export const entry_${line} = { account: ${line % 97}, amount: ${(line * 7919) % 10_007} };`);
  #version = 0;

  next(): string {
    const version = this.#version;
    this.#version += 1;
    if (version > 0) {
      for (let edit = 0; edit < 6; edit += 1) {
        const line = (version * 613 + edit * 1201) % this.#lines.length;
        this.#lines[line] = `export const changed_${version}_${edit} = { account: ${line % 97}, amount: ${(version * 31 + line) % 10_007} };`;
      }
      const at = (version * 2749) % this.#lines.length;
      this.#lines.splice(at, 0, `// Version ${version} begins a new page here.`, `export const page_${version} = ${at};`);
    }
    return `${this.#lines.join('\n')}\n`;
  }
}

function head(ref: string, commit: number, message: string): string {
  return `commit ${ref}\nmark :${commit}\nauthor ${person(commit)}\ncommitter ${person(commit)}\n${data(message)}\n`;
}

function person(commit: number): string {
  return `Author ${commit % 40} <author-${commit % 40}@example.com> ${1_500_000_000 + (commit % LEDGER_MARK) * 600} +0000`;
}

/** All generated text is ASCII: its length is its size. */
function data(text: string): string {
  return `data ${text.length}\n${text}`;
}

const README = `# Large

A generated repository: **100,000 files**, 50,000 commits.

| folder | what |
| --- | --- |
| [src](src) | files that change |
| [the ledger](src/ledger.ts) | five thousand lines |

- [x] generated
- [ ] read by anybody
`;
