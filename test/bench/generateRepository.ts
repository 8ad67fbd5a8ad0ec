import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface GeneratedRepositoryOptions {
  /** Files in the first commit. Default 50,000. */
  readonly files?: number;
  /** Commits on `main`. Default 10,000; each one after the first changes two files. */
  readonly commits?: number;
  /** Files per folder. Default 100. */
  readonly filesPerFolder?: number;
  /** Environment of git; needs PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Makes a bare repository with a deterministic history through `git fast-import`: about five seconds for 50,000 files and 10,000
 * commits. The folder must not exist yet. Layout: `src/area-N/folder-N/file-N.ts`, plus twenty files in the root.
 */
export async function generateRepository(path: string, options: GeneratedRepositoryOptions): Promise<void> {
  const { files = 50_000, commits = 10_000, filesPerFolder = 100 } = options;
  await fastImport(path, history({ files, commits, filesPerFolder }), options.environment);
}

/** Makes a bare repository out of a stream in the language of `git fast-import`. The folder must not exist yet. */
export async function fastImport(path: string, stream: Iterable<string>, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  await run(['init', '--quiet', '--bare', '--initial-branch=main', path], environment);
  const child = spawn('git', ['--git-dir', path, 'fast-import', '--quiet'], { env: environment, stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = once(child, 'close');
  for (const text of stream) {
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`git fast-import ended with ${String(code)}`);
}

/** Path of one generated file. */
export function generatedPath(index: number, filesPerFolder = 100): string {
  if (index < 20) return `file-${index}.md`;
  const folder = Math.floor(index / filesPerFolder);
  return `src/area-${Math.floor(folder / 20)}/folder-${folder}/file-${index}.ts`;
}

function* history(size: { files: number; commits: number; filesPerFolder: number }): Generator<string> {
  for (let commit = 1; commit <= size.commits; commit += 1) {
    const message = `Change ${commit}\n\nGenerated.`;
    const author = `Author ${commit % 17} <author-${commit % 17}@example.com> ${1_600_000_000 + commit * 600} +0000`;
    yield `commit refs/heads/main\nmark :${commit}\nauthor ${author}\ncommitter ${author}\ndata ${message.length}\n${message}\n`;
    if (commit > 1) yield `from :${commit - 1}\n`;
    if (commit === 1) {
      for (let file = 0; file < size.files; file += 1) yield change(file, 1, size.filesPerFolder);
    } else {
      // Two multiplicative walks touch every file sooner or later, some areas far more often than others.
      yield change((commit * 7919) % size.files, commit, size.filesPerFolder);
      yield change((commit * 104_729) % Math.max(20, Math.floor(size.files / 50)), commit, size.filesPerFolder);
    }
    yield '\n';
  }
}

function change(file: number, commit: number, filesPerFolder: number): string {
  const lines = Array.from({ length: 10 + (file % 30) }, (_, line) => `export const value_${file}_${line} = ${(file * 31 + line * 17 + (line === commit % 10 ? commit : 0)) % 9973};\n`);
  const content = lines.join('');
  return `M 100644 inline ${generatedPath(file, filesPerFolder)}\ndata ${content.length}\n${content}\n`;
}

async function run(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const child = spawn('git', args, { env: environment, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`git ${args[0] ?? ''} ended with ${String(code)}`);
}
