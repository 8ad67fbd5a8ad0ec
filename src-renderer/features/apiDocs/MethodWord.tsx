/** The method of a request, as wide as every other. The word says it; the colour only helps. */
export function MethodWord({ method }: { method: string }) {
  return <span className={`w-12 shrink-0 font-mono text-2xs font-semibold ${COLOURS[method] ?? 'text-muted'}`}>{method}</span>;
}

const COLOURS: Readonly<Record<string, string>> = { GET: 'text-info', POST: 'text-success', PUT: 'text-warning', PATCH: 'text-warning', DELETE: 'text-danger' };
