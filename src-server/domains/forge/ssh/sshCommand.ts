/** What clients ask a git host to run. */
export type SshService = 'git-upload-pack' | 'git-receive-pack' | 'git-upload-archive' | 'git-lfs-authenticate';

export interface SshCommand {
  readonly service: SshService;
  readonly org: string;
  readonly repository: string;
  /** For git-lfs-authenticate. */
  readonly operation?: 'download' | 'upload';
}

/** Why a command is not run, in words for the terminal of who sent it. */
export interface RefusedCommand {
  readonly problem: string;
}

const SERVICES: ReadonlySet<string> = new Set<SshService>(['git-upload-pack', 'git-receive-pack', 'git-upload-archive', 'git-lfs-authenticate']);
/** Longer than any that git sends: two names of 253 characters and the quotes around them. */
const MAX_COMMAND_LENGTH = 2048;
/** As names of objects are (`shared/kind/objectMeta.ts`): nothing that leads out of a folder, and nothing that looks like an option. */
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/**
 * Reads what a client wants to run: `git-upload-pack 'ORG/REPO.git'`, quoted as git, JGit, libgit2 and git-lfs do it. Nothing of it ever
 * reaches a shell. `git upload-pack` with a space is the same (git(1) of some clients).
 */
export function parseSshCommand(line: string): SshCommand | RefusedCommand {
  if (line.length > MAX_COMMAND_LENGTH) return { problem: 'This command is too long' };
  const words = splitWords(line);
  if (words === undefined) return { problem: 'This command cannot be read: its quotes do not match' };
  const [first = '', ...rest] = words;
  const [name, args] = first === 'git' ? [`git-${rest[0] ?? ''}`, rest.slice(1)] : [first, rest];
  if (!isService(name)) return { problem: `There is no shell here, and no command "${printable(first)}". git clone, fetch and push are what this server does over SSH` };
  const [path = '', operation, ...more] = args;
  const place = parseRepositoryPath(path);
  if (place === undefined) return { problem: `"${printable(path)}" is no repository. Addresses look like git@HOST:ORGANIZATION/REPOSITORY.git` };
  if (name !== 'git-lfs-authenticate') return operation === undefined ? { service: name, ...place } : { problem: `${name} takes the repository and nothing else` };
  // Old clients append an object id.
  if ((operation === 'download' || operation === 'upload') && more.length <= 1) return { service: name, ...place, operation };
  return { problem: 'git-lfs-authenticate takes a repository, and "download" or "upload"' };
}

/** `ORG/REPO`, with or without a slash in front, `.git` and a slash behind. */
export function parseRepositoryPath(path: string): { org: string; repository: string } | undefined {
  const [org = '', name = '', ...more] = path.replace(/^\/+/, '').replace(/\/+$/, '').split('/');
  const repository = name.replace(/\.git$/, '');
  return more.length === 0 && NAME.test(org) && NAME.test(repository) ? { org, repository } : undefined;
}

function isService(name: string): name is SshService {
  return SERVICES.has(name);
}

/** The words of a command line, as a POSIX shell would split this much of it; undefined when a quote is not closed, and for what no name has. */
function splitWords(line: string): string[] | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; ) {
    const char = line.charAt(at);
    if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (char === '\'' || char === '"') {
      const end = line.indexOf(char, at + 1);
      if (end < 0) return undefined;
      word = (word ?? '') + line.slice(at + 1, end);
      at = end + 1;
    } else if (char === '\\') {
      if (at + 1 >= line.length) return undefined;
      word = (word ?? '') + line.charAt(at + 1);
      at += 2;
    } else {
      word = (word ?? '') + char;
      at += 1;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Fit for a terminal, and for a line. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
