import type { ProcessResult } from '../runProcess';

/** How a client reaches a repository, and as whom. */
export interface GitWay {
  readonly kind: 'http' | 'ssh';
  /** Without a credential in it. */
  readonly url: string;
  /** The client's home. For SSH, `.ssh/` in it has the key and the host keys that are known (`sshHome.ts`). */
  readonly home: string;
  /** Over HTTP. */
  readonly token: string;
}

export interface ClientAnswer {
  readonly ok: boolean;
  /** Everything that a person would read. */
  readonly said: string;
}

/** What a client says, in words of its own, when it was not let in. */
export interface ClientWords {
  readonly unauthorized: Readonly<Partial<Record<GitWay['kind'], RegExp>>>;
  readonly notFound: Readonly<Partial<Record<GitWay['kind'], RegExp>>>;
}

/**
 * A program that speaks git's protocols, as people run it. Commits in its clones are made by the machine's git: what is tried is the way
 * between it and the server. No method throws because the server said no.
 */
export interface GitClient {
  /** With its version. */
  readonly name: string;
  /** Why it cannot be tried on this machine. */
  readonly missing: string | undefined;
  readonly ways: readonly GitWay['kind'][];
  readonly canShallow: boolean;
  readonly words: ClientWords;
  clone(way: GitWay, into: string, opts?: { depth?: number }): Promise<ClientAnswer>;
  /** All branches of `origin`, and their tags. */
  fetch(way: GitWay, clone: string): Promise<ClientAnswer>;
  /** `SOURCE:TARGET` with full names, or `:TARGET` to delete it. */
  push(way: GitWay, clone: string, refspecs: readonly string[]): Promise<ClientAnswer>;
  /** A line for each reference, with its name. */
  list(way: GitWay): Promise<ClientAnswer>;
}

export function toAnswer({ code, stdout, stderr }: ProcessResult): ClientAnswer {
  return { ok: code === 0, said: stdout + stderr };
}

/** Tells once why tests are skipped, and answers the reason. */
export function noteMissing(name: string, reason: string | undefined): string | undefined {
  if (reason !== undefined) process.stderr.write(`Skipped: tests with ${name} (${reason}).\n`);
  return reason;
}
