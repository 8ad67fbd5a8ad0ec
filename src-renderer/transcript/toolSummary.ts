/** Shows an agent's raw tool input the way a person would write it. */

/** The exact command of an `execute` call, where its input names one; agents spell it as a string or as an argument list. */
export function commandOf(rawInput: unknown): string | undefined {
  if (typeof rawInput !== 'object' || rawInput === null) return undefined;
  const fields = rawInput as Readonly<Record<string, unknown>>;
  const command = fields.command ?? fields.cmd;
  if (typeof command === 'string') {
    const args = fields.args;
    return isStrings(args) && args.length > 0 ? [command, ...args].map(quoted).join(' ') : command;
  }
  return isStrings(command) ? command.map(quoted).join(' ') : undefined;
}

/** The folder that a command runs in, where its input says so. */
export function folderOf(rawInput: unknown): string | undefined {
  if (typeof rawInput !== 'object' || rawInput === null) return undefined;
  const fields = rawInput as Readonly<Record<string, unknown>>;
  const folder = fields.cwd ?? fields.workdir;
  return typeof folder === 'string' ? folder : undefined;
}

/** Raw input or output as text: strings as they are, everything else as indented JSON. */
export function rawText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}

/** The path as seen from the agent's folder: what lies inside loses the folder's name. */
export function relativePath(path: string, folder: string | undefined): string {
  if (folder === undefined) return path;
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** As a POSIX shell would need it; only for showing. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
