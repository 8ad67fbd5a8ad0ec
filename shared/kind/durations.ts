const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a `duration` field: 500ms, 30s, 15m, 2h, 7d. */
export function durationMs(text: string | undefined, fallbackMs: number): number {
  const match = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text ?? '');
  return match === null ? fallbackMs : Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0);
}
