import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestServer } from '../../harness/startServer';
import { residentMiB } from '../resident';
import { CONNECTIONS, type ApiTarget } from './apiTarget';
import { benchObject, collectionPath } from './benchObjects';

interface ListAnswer {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly unknown[];
}

/** Measures one of several while the processes of the others stand still: what they do when nobody asks them is in nobody's figure. */
export async function alone<TResult>(target: ApiTarget, all: readonly ApiTarget[], work: () => Promise<TResult>): Promise<TResult> {
  const others = all.filter((other) => other !== target).flatMap(({ pids }) => pids);
  for (const pid of others) process.kill(pid, 'SIGSTOP');
  try {
    await target.connect();
    return await work();
  } finally {
    target.close();
    for (const pid of others) process.kill(pid, 'SIGCONT');
  }
}

/** Runs `work` for 0 up to `count`, at most {@link CONNECTIONS} at a time, and answers how many a second. */
export async function perSecond(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < count) await work(next++);
    }),
  );
  return (count * 1000) / (performance.now() - startedAt);
}

export function createObjects(target: ApiTarget, org: string, opts: { count: number; prefix: string }): Promise<number> {
  // Made before the clock runs: what the client does is missing to the server.
  const bodies = Array.from({ length: opts.count }, (_, index) => JSON.stringify(benchObject(org, `${opts.prefix}-${index}`)));
  return perSecond(opts.count, (index) => target.send('POST', collectionPath(org), bodies[index]));
}

export function getObjects(target: ApiTarget, org: string, opts: { count: number; prefix: string; of: number }): Promise<number> {
  return perSecond(opts.count, (index) => target.send('GET', `${collectionPath(org)}/${opts.prefix}-${index % opts.of}`));
}

/** Time of one whole list, ms. */
export async function listObjects(target: ApiTarget, org: string, expected: number): Promise<number> {
  const startedAt = performance.now();
  const answer = await target.send('GET', collectionPath(org));
  const tookMs = performance.now() - startedAt;
  const { items } = JSON.parse(answer.toString()) as ListAnswer;
  if (items.length !== expected) throw new Error(`${target.name}: the list has ${items.length} objects, not ${expected}`);
  return tookMs;
}

/** Time of a whole list in pages of 500, ms. */
export async function pageObjects(target: ApiTarget, org: string, expected: number): Promise<number> {
  const startedAt = performance.now();
  let seen = 0;
  let token: string | undefined;
  do {
    const answer = await target.send('GET', `${collectionPath(org)}?limit=500${token === undefined ? '' : `&continue=${encodeURIComponent(token)}`}`);
    const { items, metadata } = JSON.parse(answer.toString()) as ListAnswer;
    seen += items.length;
    token = metadata.continue === '' ? undefined : metadata.continue;
  } while (token !== undefined);
  if (seen !== expected) throw new Error(`${target.name}: the pages have ${seen} objects, not ${expected}`);
  return performance.now() - startedAt;
}

export async function revisionOf(target: ApiTarget, org: string): Promise<string> {
  return (JSON.parse((await target.send('GET', `${collectionPath(org)}?limit=1`)).toString()) as ListAnswer).metadata.resourceVersion;
}

/** From sending a write to its event at a watch that is open, ms each; one write at a time. */
export async function writeToEvent(target: ApiTarget, org: string, opts: { count: number; prefix: string }): Promise<number[]> {
  const abort = new AbortController();
  const lines = target.watch(`${collectionPath(org)}?watch=true&resourceVersion=${await revisionOf(target, org)}`, abort.signal)[Symbol.asyncIterator]();
  const lagsMs: number[] = [];
  for (let index = 0; index < opts.count; index += 1) {
    const name = `${opts.prefix}-${index}`;
    const next = lines.next();
    // The first write finds the watch open: a watch begins at its revision, however late it is answered.
    const body = JSON.stringify(benchObject(org, name));
    const startedAt = performance.now();
    const written = target.send('POST', collectionPath(org), body);
    const { value } = (await next) as { value: string };
    lagsMs.push(performance.now() - startedAt);
    if (!value.includes(`"name":"${name}"`)) throw new Error(`${target.name}: the watch said ${value.slice(0, 300)} for ${name}`);
    await written;
  }
  abort.abort();
  return lagsMs.slice(1);
}

/** Watches that all get every change, in order: how long from the first write until the last watch has the last change, and the server's memory. */
export async function manyWatchers(server: TestServer, target: ApiTarget, opts: { org: string; watchers: number; changes: number }): Promise<{ tookMs: number; peakMiB: number }> {
  const { org, watchers, changes } = opts;
  const args = [`${server.url}${collectionPath(org)}`, server.token, await revisionOf(target, org), String(watchers), String(changes)];
  const child = spawn(process.execPath, [fileURLToPath(new URL('watchers.mjs', import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let peakMiB = 0;
  const sampler = setInterval(() => void residentMiB(server.pid).then((mebibytes) => (peakMiB = Math.max(peakMiB, mebibytes))), 50);
  try {
    let startedAt = Number.NaN;
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { open?: number; complete?: number; problem?: string };
      if (said.problem !== undefined) throw new Error(`${target.name}: ${said.problem}`);
      if (said.open !== undefined) {
        startedAt = performance.now();
        await createObjects(target, org, { count: changes, prefix: 'change' });
      }
      if (said.complete !== undefined) return { tookMs: performance.now() - startedAt, peakMiB };
    }
    throw new Error(`${target.name}: the watchers ended early`);
  } finally {
    clearInterval(sampler);
    child.kill();
    await exited;
  }
}
