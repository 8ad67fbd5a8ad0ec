const FACTORS: Readonly<Record<string, number>> = {
  '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40,
};

/** The number behind a Kubernetes quantity, near enough to compare two of them: `500m` is 0.5, `2Gi` is 2147483648. NaN when it is none. */
export function parseQuantity(text: string): number {
  const [, amount, suffix] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return amount === undefined ? Number.NaN : Number(amount) * (FACTORS[suffix ?? ''] ?? Number.NaN);
}
