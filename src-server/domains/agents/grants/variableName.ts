/** The environment variable of an entry: its key where that can be one, else in capitals with `_` for what cannot: `api-key`, API_KEY. */
export function variableName(key: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return key;
  const name = key.replace(/[^A-Za-z0-9_]/g, '_').toUpperCase();
  return /^[0-9]/.test(name) ? `_${name}` : name;
}
