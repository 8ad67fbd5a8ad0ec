import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZERO_OID } from './objectId';
import type { PushCommand } from './pushCommands';

/** What may happen to one reference of a push. */
export type PushDecision =
  /** The hint is for the pusher's screen, once the reference has changed; it may have several lines. */
  | { readonly verdict: 'allow'; readonly hint?: string }
  | { readonly verdict: 'refuse'; readonly reason: string }
  /** Creating and moving forward is allowed; the reason is for a push that rewrites or deletes. */
  | { readonly verdict: 'fast-forward'; readonly reason: string };

/** Hooks that Kradle installs once and every push uses; repositories have none of their own. */
export interface PushHooks {
  /** A folder for the decisions of one push, and what git needs to find it. Dispose of it when the push has ended. */
  prepare(commands: readonly PushCommand[], decisions: readonly PushDecision[]): Promise<PreparedPush>;
}

export interface PreparedPush {
  readonly env: Readonly<Record<string, string>>;
  readonly hooksPath: string;
  /** The references that git says it changed; undefined when git did not come that far. */
  readUpdated(): Promise<PushCommand[] | undefined>;
  dispose(): Promise<void>;
}

const STATE_PREFIX = 'push-';

/** Writes the hooks into a folder of the data folder, and clears what pushes of an earlier, killed server left there. */
export async function installPushHooks(folder: string): Promise<PushHooks> {
  const open = join(folder, 'open');
  const guarded = join(folder, 'guarded');
  await mkdir(open, { recursive: true });
  await mkdir(guarded, { recursive: true });
  await Promise.all([
    writeHook(open, 'post-receive', POST_RECEIVE),
    writeHook(guarded, 'post-receive', POST_RECEIVE),
    writeHook(guarded, 'pre-receive', PRE_RECEIVE),
    writeHook(guarded, 'update', UPDATE),
  ]);
  for (const name of await readdir(folder)) {
    if (name.startsWith(STATE_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
  return {
    async prepare(commands, decisions) {
      const state = await mkdtemp(join(folder, STATE_PREFIX));
      // A push of which everything is allowed starts no hook per reference: a mirror has thousands.
      const needsGuard = decisions.length !== commands.length || decisions.some(({ verdict }) => verdict !== 'allow');
      if (needsGuard) await writeFile(join(state, 'decisions'), formatDecisions(commands, decisions));
      await writeFile(join(state, 'hints'), formatHints(commands, decisions));
      return {
        env: { KRADLE_PUSH_STATE: state },
        hooksPath: needsGuard ? guarded : open,
        readUpdated: async () => parseUpdated(await readFile(join(state, 'updated'), 'utf8').catch(() => undefined)),
        dispose: () => rm(state, { recursive: true, force: true }),
      };
    },
  };
}

/** One line per command, in the order of the push: `<verdict> <ref> <reason>`. References have no spaces. */
function formatDecisions(commands: readonly PushCommand[], decisions: readonly PushDecision[]): string {
  return commands
    .map(({ ref }, index) => {
      const decision = decisions[index] ?? { verdict: 'refuse', reason: 'no decision was made' };
      return `${decision.verdict} ${ref} ${decision.verdict === 'allow' ? '' : singleLine(decision.reason)}\n`;
    })
    .join('');
}

/** `<ref> <line>` for every line of every hint. */
function formatHints(commands: readonly PushCommand[], decisions: readonly PushDecision[]): string {
  return commands
    .flatMap(({ ref }, index) => {
      const decision = decisions[index];
      const hint = decision?.verdict === 'allow' ? decision.hint : undefined;
      return hint === undefined ? [] : hint.split('\n').map((line) => `${ref} ${singleLine(line)}\n`);
    })
    .join('');
}

/** A reason as one line of a terminal: it reaches the pusher's screen. */
export function singleLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- escape sequences must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 500);
}

function parseUpdated(text: string | undefined): PushCommand[] | undefined {
  return text
    ?.split('\n')
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
 * Runs while the pushed objects are in quarantine. Says why each refused reference is refused; when nothing is left to accept, it
 * ends the push, and git throws the objects away. Commands come in the order of the push, perhaps with some left out, so one pass
 * over the decisions is enough. Without a decision, a reference is refused.
 */
const PRE_RECEIVE = `#!/bin/sh
state=\${KRADLE_PUSH_STATE:?pushes come through Kradle}
accepted=0
: > "$state/refused" || exit 1
exec 3< "$state/decisions" || exit 1
while read -r old new ref; do
  verdict=refuse
  reason='no decision was made'
  while read -r next_verdict next_ref next_reason <&3; do
    [ "$next_ref" = "$ref" ] || continue
    verdict=$next_verdict
    reason=$next_reason
    break
  done
  if [ "$verdict" = fast-forward ]; then
    verdict=refuse
    case $old in
      *[!0]*) case $new in *[!0]*) git merge-base --is-ancestor "$old" "$new" && verdict=allow ;; esac ;;
      *) verdict=allow ;;
    esac
  fi
  if [ "$verdict" = allow ]; then
    accepted=1
  else
    printf '%s\\n' "$ref" >> "$state/refused" || exit 1
    printf '%s refused: %s\\n' "\${ref#refs/heads/}" "$reason" >&2
  fi
done
[ "$accepted" = 1 ]
`;

/** Refuses the references that pre-receive found refused, while others of the same push go through. */
const UPDATE = `#!/bin/sh
while read -r refused; do
  [ "$refused" = "$1" ] && exit 1
done < "\${KRADLE_PUSH_STATE:?pushes come through Kradle}/refused"
exit 0
`;

/** Writes down what really changed, and shows the hints for it. */
const POST_RECEIVE = `#!/bin/sh
state=\${KRADLE_PUSH_STATE:?pushes come through Kradle}
cat > "$state/updated"
[ -s "$state/hints" ] || exit 0
while read -r old new ref; do
  while read -r hint_ref hint; do
    [ "$hint_ref" = "$ref" ] && printf '%s\\n' "$hint"
  done < "$state/hints"
done < "$state/updated" >&2
exit 0
`;
