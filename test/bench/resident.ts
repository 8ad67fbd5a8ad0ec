import { readFile } from 'node:fs/promises';
import type { BenchRow } from './benchRow';

const BUDGET_MIB = 150;

/** Memory of a process, as the kernel counts it; NaN where there is no /proc. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

export function residentRow(measure: string, mebibytes: number): BenchRow {
  return { measure, figure: `${mebibytes.toFixed(0)} MiB`, budget: `${BUDGET_MIB} MiB`, ok: mebibytes <= BUDGET_MIB };
}
