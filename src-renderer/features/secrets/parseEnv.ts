/**
 * Reads lines `NAME=VALUE` as people paste them from a `.env` file: empty lines and comments are left out, `export ` in front and quotes
 * around the value go. Undefined for a text that has another line in it: then it is one value, not many.
 */
export function parseEnv(text: string): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const match = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(trimmed);
    const [, name, value = ''] = match ?? [];
    if (name === undefined) return undefined;
    const quoted = /^(["'])(.*)\1$/.exec(value);
    values[name] = quoted?.[1] === '"' ? (quoted[2] ?? '').replaceAll('\\n', '\n').replaceAll('\\"', '"') : (quoted?.[2] ?? value);
  }
  return Object.keys(values).length > 0 ? values : undefined;
}
