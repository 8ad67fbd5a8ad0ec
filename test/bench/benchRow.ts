/** One line of the table. */
export interface BenchRow {
  readonly measure: string;
  readonly figure: string;
  readonly budget: string;
  /** What was measured beside it, in the same run: the peer of a ratio, or what says how busy the machine was. */
  readonly peer?: string;
  readonly ok: boolean;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The smallest value that `percent` of all values do not exceed; NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** A median with the best and the worst beside it: on a busy machine the best is nearest to what the program itself takes. */
export function spread(values: readonly number[]): string {
  return `${ms(median(values))} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
}
