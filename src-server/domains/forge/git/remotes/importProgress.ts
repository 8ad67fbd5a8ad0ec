import type { Readable } from 'node:stream';

export interface ImportProgress {
  readonly phase: 'counting' | 'compressing' | 'receiving' | 'resolving' | 'optimizing' | 'lfs';
  /** 0 to 100; undefined when git does not know the whole yet. */
  readonly percent?: number;
  /** Of how many, where git says it. */
  readonly total?: number;
}

const PHASES: readonly (readonly [string, ImportProgress['phase']])[] = [
  ['Enumerating objects', 'counting'],
  ['Counting objects', 'counting'],
  ['Compressing objects', 'compressing'],
  ['Receiving objects', 'receiving'],
  ['Resolving deltas', 'resolving'],
];

/** Reads the progress that git writes on standard error; reports each step once. */
export function parseProgress(stderr: Readable, onProgress: (progress: ImportProgress) => void): void {
  let rest = '';
  let last = '';
  stderr.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split(/[\r\n]/);
    rest = (lines.pop() ?? '').slice(-1000);
    for (const line of lines) {
      const progress = parseProgressLine(line);
      const key = `${progress?.phase} ${progress?.percent}`;
      if (progress === undefined || key === last) continue;
      last = key;
      onProgress(progress);
    }
  });
}

/** `remote: Counting objects:  50% (3/6)` and `Receiving objects: 12% …`; undefined for any other line. */
export function parseProgressLine(line: string): ImportProgress | undefined {
  const match = /^(?:remote: )?([A-Z][a-z]+ [a-z]+):\s+(?:(\d+)%(?: \(\d+\/(\d+)\))?)?/.exec(line);
  const phase = PHASES.find(([text]) => text === match?.[1])?.[1];
  if (phase === undefined) return undefined;
  if (match?.[2] === undefined) return { phase };
  return { phase, percent: Number(match[2]), ...(match[3] === undefined ? {} : { total: Number(match[3]) }) };
}
