import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `git upload-pack` wants packed: the command line that it would start, and what it would write to it. */
export interface PackRequest {
  /** `git`, its options, `pack-objects` and more. */
  readonly args: readonly string[];
  readonly input: Buffer;
}

/** What the hook is told, a line each, until `run` or `end` or `fail`. */
export type PackAnswer =
  /** Start the command yourself. Only before anything else. */
  | { readonly word: 'run' }
  /** The pack is in this file, or will be. */
  | { readonly word: 'open'; readonly path: string }
  /** So many more MiB of it can be read. */
  | { readonly word: 'more'; readonly mebibytes: number }
  /** A line for the person at the other end. */
  | { readonly word: 'say'; readonly text: string }
  /** All of it is there. */
  | { readonly word: 'end' }
  | { readonly word: 'fail' };

export const MEBIBYTE = 1024 * 1024;

/** Bytes of one request: a clone of a hundred thousand branches asks with 4 MiB. */
const MAX_REQUEST_BYTES = 64 * MEBIBYTE;

/**
 * Writes the program that git starts instead of `git pack-objects` (git-config(1), `uploadpack.packObjectsHook`) and answers what to
 * configure. It asks the server on descriptor 3, which it inherits. Git takes the setting only from protected configuration, so no repository can name another.
 */
export async function installPackHook(folder: string): Promise<{ config: readonly [string, string][]; env: Readonly<Record<string, string>> }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'pack-objects');
  await writeFile(path, PACK_HOOK);
  await chmod(path, 0o755);
  // Git gives what has no character of the shell's to the system as it is, and saves a shell.
  const setting = /^[A-Za-z0-9/._-]+$/.test(path) ? path : '"$KRADLE_PACK_HOOK"';
  return { config: [['uploadpack.packObjectsHook', setting]], env: { KRADLE_PACK_HOOK: path } };
}

export function formatPackAnswer(answer: PackAnswer): string {
  switch (answer.word) {
    case 'open':
      return `open ${answer.path}\n`;
    case 'more':
      return `more ${answer.mebibytes}\n`;
    case 'say':
      return `say ${answer.text}\n`;
    default:
      return `${answer.word}\n`;
  }
}

/** Takes whole requests off bytes that arrive in pieces. Throws RangeError for what no hook of ours sends. */
export class PackRequestParser {
  #chunks: Buffer[] = [];
  #size = 0;

  /** The request, once these bytes have completed it. A hook sends one and waits. */
  push(chunk: Buffer): PackRequest | undefined {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > MAX_REQUEST_BYTES) throw new RangeError('a request for a pack is larger than any should be');
    if (chunk.at(-1) !== 0) return undefined;
    const parts = splitAtNul(Buffer.concat(this.#chunks, this.#size));
    const count = Number(parts[0]?.toString('latin1') ?? Number.NaN);
    if (!Number.isInteger(count) || count < 1 || count > 1000) throw new RangeError('this is not a request for a pack');
    // Its number, its arguments, its input; what ends with a NUL may still be between two arguments.
    if (parts.length < count + 2) return undefined;
    this.#chunks = [];
    this.#size = 0;
    return { args: parts.slice(1, count + 1).map((part) => part.toString('utf8')), input: Buffer.concat([parts[count + 1] ?? Buffer.alloc(0), Buffer.from('\n')]) };
  }
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

/**
 * Arguments and input go out with a NUL behind each, because a filter may hold a line feed. `dd` reads exactly what is announced, from the
 * one offset that all reads of descriptor 5 share; nothing passes through the server. Without a server there is nobody to answer, and the clone fails as it would anyway.
 */
const PACK_HOOK = `#!/bin/sh
input=$(cat)
printf '%s\\0' "$#" "$@" "$input" >&3 || exit 128
while read -r word rest <&3; do
  case $word in
    run)
      exec "$@" 3<&- <<END
$input
END
      ;;
    open) exec 5< "$rest" ;;
    more) dd bs=1048576 count="$rest" <&5 2>/dev/null 3<&- || exit 128 ;;
    say) printf '%s\\n' "$rest" >&2 ;;
    end) exec cat <&5 3<&- ;;
    *) exit 128 ;;
  esac
done
exit 128
`;
