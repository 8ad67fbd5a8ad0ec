import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { collectTree, killTree, snapshotTree } from './killTree';
import { identifyProcess, isProcessAlive, listProcesses, type ProcessEntry } from './processTable';

const entry = (pid: number, parentPid: number, groupId: number): ProcessEntry => ({ pid, parentPid, groupId, startMark: `m${pid}` });

describe('collectTree', () => {
  const table = [entry(1, 0, 1), entry(100, 1, 100), entry(101, 100, 100), entry(102, 101, 102), entry(103, 1, 102), entry(104, 1, 100), entry(200, 1, 200)];
  const pids = (root: { pid: number; startMark: string }) => collectTree(root, table).map(({ pid }) => pid).sort();

  it('has descendants, the group, and groups that descendants lead, but nothing else', () => {
    expect(pids({ pid: 100, startMark: 'm100' })).toEqual([100, 101, 102, 103, 104]);
  });

  it('is empty when another process has the pid now', () => {
    expect(pids({ pid: 100, startMark: 'older' })).toEqual([]);
  });

  it('has what is left of a group whose leader is gone', () => {
    expect(collectTree({ pid: 102, startMark: 'm102' }, table.filter(({ pid }) => pid !== 102)).map(({ pid }) => pid)).toEqual([103]);
  });
});

describe.skipIf(process.platform === 'win32')('killTree', () => {
  const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1 << 30);';
  const family = `const { spawn } = require("child_process"); ${stubborn}
    spawn(process.execPath, ["-e", ${JSON.stringify(stubborn)}], { stdio: "ignore" });
    const far = spawn(process.execPath, ["-e", ${JSON.stringify(`require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stubborn)}], { stdio: "ignore" }); ${stubborn}`)}], { stdio: "ignore", detached: true });
    far.once("spawn", () => setTimeout(() => console.log("ready"), 300));`;

  it('ends children, grandchildren and those that lead groups of their own, though they ignore SIGTERM', async () => {
    const child = spawn(process.execPath, ['-e', family], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    await once(child.stdout, 'data');
    const identity = await identifyProcess(child.pid ?? 0);
    if (identity === undefined) throw new Error('the child is gone');
    const tree = await snapshotTree(identity);
    expect(tree.length).toBeGreaterThanOrEqual(4);
    expect(await killTree(identity, { graceMs: 100 })).toEqual([]);
    const left = new Set((await listProcesses()).map(({ pid }) => pid));
    expect(tree.filter(({ pid }) => left.has(pid))).toEqual([]);
    expect(await isProcessAlive(identity)).toBe(false);
  });

  it('ends remembered processes whose parent is gone', async () => {
    const child = spawn(process.execPath, ['-e', family], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    await once(child.stdout, 'data');
    const identity = await identifyProcess(child.pid ?? 0);
    if (identity === undefined) throw new Error('the child is gone');
    const also = await snapshotTree(identity);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await killTree(identity, { graceMs: 0, also });
    const left = new Set((await listProcesses()).map(({ pid }) => pid));
    expect(also.filter(({ pid }) => left.has(pid))).toEqual([]);
  });
});
