import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../harness/git';
import { median, ms, type BenchRow } from '../benchRow';

/** A server of one repository, and what its clients need. */
export interface Remote {
  readonly url: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Pair {
  readonly kradle: Remote;
  readonly peer: Remote;
  readonly peerName: string;
  /** How many times the peer's time Kradle may take. */
  readonly budget: number;
}

/** The same work at both, in turns; who goes first changes each time, because the one before leaves the machine as it is. The first round only warms up. */
export async function comparePair(measure: string, pair: Pair, opts: { rounds: number; work: (remote: Remote, round: number) => Promise<number> }): Promise<BenchRow> {
  const kradle: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round <= opts.rounds; round += 1) {
    const turns = [async () => kradle.push(await opts.work(pair.kradle, round)), async () => peer.push(await opts.work(pair.peer, round))];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const ratio = median(kradle.slice(1).map((tookMs, index) => tookMs / (peer[index + 1] ?? Number.NaN)));
  return {
    measure, figure: `${ratio.toFixed(2)}x (${ms(median(kradle.slice(1)))})`, budget: `${pair.budget.toFixed(2)}x`,
    peer: `${pair.peerName}: ${ms(median(peer.slice(1)))}`, ok: ratio <= pair.budget,
  };
}

/** Milliseconds of a clone without a worktree, which is the client's work alone; of one branch, or of all. */
export async function timeClone(work: string, remote: Remote, { name = 'clone', branch }: { name?: string; branch?: string } = {}): Promise<number> {
  const target = join(work, name);
  const startedAt = performance.now();
  await git(['clone', '--quiet', '--bare', ...(branch === undefined ? [] : ['--single-branch', '--branch', branch]), remote.url, target], { cwd: work, ...(remote.env === undefined ? {} : { env: remote.env }) });
  const tookMs = performance.now() - startedAt;
  await rm(target, { recursive: true });
  return tookMs;
}

export async function timeGit(args: readonly string[], cwd: string, remote: Remote): Promise<number> {
  const startedAt = performance.now();
  await git(args, { cwd, ...(remote.env === undefined ? {} : { env: remote.env }) });
  return performance.now() - startedAt;
}
