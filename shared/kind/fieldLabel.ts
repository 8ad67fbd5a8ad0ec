/** `importFrom` -> "Import from", `toolProfileRef` -> "Tool profile", `costUsd` -> "Cost USD". */
export function fieldLabel(key: string): string {
  const words = key.replace(/Refs?$/, '').replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2').split(' ');
  return words
    .map((word, index) => {
      const lower = word.toLowerCase();
      if (ACRONYMS.has(lower)) return lower.toUpperCase();
      return index === 0 ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower;
    })
    .join(' ');
}

const ACRONYMS: ReadonlySet<string> = new Set(['url', 'usd', 'id', 'sha', 'api', 'ssh', 'mcp', 'http', 'ci', 'lfs', 'ttl', 'os', 'cpu']);
