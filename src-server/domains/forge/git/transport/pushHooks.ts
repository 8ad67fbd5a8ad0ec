import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { ZERO_OID } from '../objects/objectId';
import type { PushCommand } from './pushCommands';

/** What may happen to one reference of a push, as far as its name says. */
export type PushDecision =
  /** The hint is for the pusher's screen, once the reference has changed; it may have several lines. */
  | { readonly verdict: 'allow'; readonly hint?: string }
  | { readonly verdict: 'refuse'; readonly reason: string }
  /** It depends on what is pushed: asked when git has the objects, in quarantine. */
  | { readonly verdict: 'inspect'; readonly hint?: string };

/** A push that git has taken whole and not let in yet (git-receive-pack(1), "Quarantine environment"). */
export interface QuarantinedPush {
  /** What is left of it: git may have dropped what it cannot do. */
  readonly commands: readonly PushCommand[];
  /** Folder of its objects; empty when it brings none, as a push that only deletes. */
  readonly objectsPath: string;
  /** Aborts when git is gone. */
  readonly signal: AbortSignal;
}

export interface PushInspection {
  /** Why references are refused, one line each, by full name. */
  readonly refused: ReadonlyMap<string, string>;
  /** What the pusher reads, refused or not; plain lines. */
  readonly text: string;
}

/** Hooks that Kradle installs once and every push uses; repositories have none of their own. */
export interface PushHooks {
  /**
   * A folder for one push, and what git needs to find it; nothing of it, and no hook, for one of which everything is allowed. `inspect` is asked once
   * otherwise; what it throws refuses the whole push. Dispose of it when the push has ended.
   */
  prepare(commands: readonly PushCommand[], decisions: readonly PushDecision[], inspect: (push: QuarantinedPush) => Promise<PushInspection>): Promise<PreparedPush>;
}

export interface PreparedPush {
  readonly env: Readonly<Record<string, string>>;
  readonly config: readonly (readonly [string, string])[];
  /** Whether git has to be started with a channel, for {@link answer}. */
  readonly isGuarded: boolean;
  /** Answers git's hook on its channel, if it comes to ask. Settles when git is gone; rejects with what the inspection threw. */
  answer(channel: Duplex): Promise<void>;
  dispose(): Promise<void>;
}

const STATE_PREFIX = 'push-';

/** Writes the hooks into a folder of the data folder, and clears what pushes of an earlier, killed server left there. */
export async function installPushHooks(folder: string): Promise<PushHooks> {
  const guarded = join(folder, 'guarded');
  await mkdir(guarded, { recursive: true });
  await Promise.all([writeHook(guarded, 'pre-receive', PRE_RECEIVE), writeHook(guarded, 'update', UPDATE)]);
  for (const name of await readdir(folder)) {
    if (name.startsWith(STATE_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
  return {
    async prepare(commands, decisions, inspect) {
      if (decisions.length === commands.length && decisions.every(({ verdict }) => verdict === 'allow')) return OPEN_PUSH;
      const state = await mkdtemp(join(folder, STATE_PREFIX));
      await symlink(join(guarded, 'pre-receive'), join(state, 'pre-receive'));
      return {
        env: { KRADLE_PUSH_STATE: state },
        config: [['core.hooksPath', state]],
        isGuarded: true,
        answer: (channel) =>
          answerHook(channel, async (push) => {
            const { refused, text } = await inspect(push);
            if (refused.size > 0) {
              await writeFile(join(state, 'refused'), [...refused.keys()].map((ref) => `${ref}\n`).join(''));
              // Git looks for this hook once pre-receive has ended, and starts it for every reference: so it is there only when needed.
              await symlink(join(guarded, 'update'), join(state, 'update'));
            }
            await writeFile(join(state, 'text'), text);
            return push.commands.some(({ ref }) => !refused.has(ref));
          }),
        dispose: () => rm(state, { recursive: true, force: true }),
      };
    },
  };
}

/** Starts nothing: the settings of every git of the server name no hooks (`gitEnvironment.ts`). */
const OPEN_PUSH: PreparedPush = { env: {}, config: [], isGuarded: false, answer: () => Promise.resolve(), dispose: () => Promise.resolve() };

const MAX_QUESTION_BYTES = 32 * 1024 * 1024;

/**
 * The hook's question: a line with the quarantine's folder, the commands as git gave them, and a line with a dot. The answer is one word;
 * an end without one refuses the push.
 */
async function answerHook(channel: Duplex, decide: (push: QuarantinedPush) => Promise<boolean>): Promise<void> {
  const gone = new AbortController();
  const chunks: Buffer[] = [];
  let size = 0;
  let answered: Promise<void> | undefined;
  const closed = new Promise<void>((resolve) => channel.once('close', resolve));
  channel.on('error', () => undefined);
  channel.on('close', () => gone.abort());
  channel.on('end', () => gone.abort());
  channel.on('data', (chunk: Buffer) => {
    if (answered !== undefined) return;
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_QUESTION_BYTES) channel.destroy();
    else if (chunk.subarray(-3).equals(END_OF_QUESTION) || (chunk.length < 3 && Buffer.concat(chunks).subarray(-3).equals(END_OF_QUESTION))) {
      answered = decide(parseQuestion(Buffer.concat(chunks).toString('utf8'), gone.signal)).then(
        (accepted) => void channel.end(accepted ? 'accept\n' : 'reject\n'),
        (error: unknown) => {
          channel.end('reject\n');
          throw error;
        },
      );
      answered.catch(() => undefined);
    }
  });
  await closed;
  await answered;
}

const END_OF_QUESTION = Buffer.from('\n.\n');

function parseQuestion(text: string, signal: AbortSignal): QuarantinedPush {
  const [objectsPath = '', ...lines] = text.split('\n');
  return { objectsPath, commands: parseCommands(lines.slice(0, -2)), signal };
}

/** A reason as one line of a terminal: it reaches the pusher's screen. */
export function singleLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- escape sequences must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 500);
}

/** `<old> <new> <ref>` as git tells hooks (githooks(5)). */
function parseCommands(lines: readonly string[]): PushCommand[] {
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [oldOid = '', newOid = '', ref = ''] = line.split(' ');
      return { ref, oldOid: oldOid === ZERO_OID ? undefined : oldOid, newOid: newOid === ZERO_OID ? undefined : newOid };
    });
}

async function writeHook(folder: string, name: string, script: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, script);
  await chmod(path, 0o755);
}

/**
 * Runs while the pushed objects are in quarantine, and asks the server, which has the rules, over the channel that git was started with.
 * It shows what the server has to say, and ends the push when nothing is left to accept: git then throws the objects away.
 */
const PRE_RECEIVE = `#!/bin/sh
state=\${KRADLE_PUSH_STATE:?pushes come through Kradle}
{ printf '%s\\n' "\${GIT_QUARANTINE_PATH-}" && cat && printf '.\\n'; } >&3 || exit 1
read -r answer <&3 || answer=reject
[ -s "$state/text" ] && cat "$state/text" >&2
[ "$answer" = accept ]
`;

/** Refuses the references that were found refused, while others of the same push go through. */
const UPDATE = `#!/bin/sh
while read -r refused; do
  [ "$refused" = "$1" ] && exit 1
done < "\${KRADLE_PUSH_STATE:?pushes come through Kradle}/refused"
exit 0
`;
