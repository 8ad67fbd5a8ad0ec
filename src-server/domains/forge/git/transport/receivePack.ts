import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Person } from '../writing/merge';
import { type PushCommand, type PushRequest, readPushRequest } from './pushCommands';
import { type PushDecision, type PushHooks, type PushInspection, type QuarantinedPush, singleLine } from './pushHooks';
import { PushReportRewriter } from './pushReport';
import { RECEIVE_ENVIRONMENT } from './receiveLimits';
import { refTargets } from '../refs/refs';
import type { GitRepository } from '../gitRepositories';
import { answerWith, continued, type GitExchange, requireRepository, startService } from './serveGit';

/** What a push means to the forge, whatever carries it. */
export interface PushHandlers {
  readonly hooks: PushHooks;
  /** Who pushes, for the reflog. */
  readonly pusher: Person;
  /** One decision per command, in their order. May throw a StatusError to refuse the whole push. */
  decide(push: PushRequest): Promise<readonly PushDecision[]>;
  /** Asked once git has the objects of a push of which not everything was allowed, before any of it counts. What it throws refuses the push. */
  inspect(push: QuarantinedPush): Promise<PushInspection>;
  /**
   * Called once, after git has ended, with the references that really changed; not called when none did. The answer ends after
   * it: when `git push` returns, everybody sees the push.
   */
  onUpdated(changes: readonly PushCommand[]): Promise<void>;
}

export type ReceivePackExchange = GitExchange & PushHandlers;

/**
 * A push, from its commands on: they are decided before git gets them, and the decisions enforced inside git. Who called has shown
 * the references before, and ends the client's output.
 */
export async function serveReceivePack(exchange: ReceivePackExchange): Promise<void> {
  const { repository, client } = exchange;
  await requireRepository(repository);
  const body = client.input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { request: push, bytes } = await readPushRequest(body);
  const decisions = push.commands.length === 0 ? [] : await exchange.decide(push);
  const known = await deletedRefs(repository, push.commands);
  const reasons = new Map<string, string>();
  const prepared = await exchange.hooks.prepare(push.commands, decisions, async (quarantined) => {
    const found = await exchange.inspect(quarantined);
    const inspection = push.capabilities.has('atomic') ? allOrNothing(found, quarantined.commands, push.commands) : found;
    for (const [ref, reason] of inspection.refused) reasons.set(ref, singleLine(reason));
    return inspection;
  });
  try {
    const child = startService(exchange, {
      args: ['receive-pack', '--stateless-rpc', repository.path],
      env: { ...RECEIVE_ENVIRONMENT, ...prepared.env, GIT_COMMITTER_NAME: singleLine(exchange.pusher.name) || 'unknown', GIT_COMMITTER_EMAIL: singleLine(exchange.pusher.email) || 'unknown' },
      config: [
        ...prepared.config,
        ['receive.maxInputSize', String(maxPackBytesOf(exchange))],
      ],
      // Once git has the whole push it finishes it: half-way is no state that anybody wants.
      whenGone: 'finish',
      channel: prepared.isGuarded,
    });
    const inspected = child.channel === undefined ? undefined : prepared.answer(child.channel);
    inspected?.catch(() => undefined);
    const sent = pipeline(Readable.from(continued(bytes, body), { objectMode: false }), child.stdin);
    const report = new PushReportRewriter({ reasons, hints: hintsOf(push.commands, decisions), isSideBand: push.capabilities.has('side-band-64k') });
    const ended = await answerWith(exchange, child, { sent, through: report }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await child.ended.catch(() => undefined);
    await inspected;
    const { accepted } = report;
    const changed = accepted === undefined ? await changedAnyway(repository, push.commands) : push.commands.filter(({ ref }) => accepted.has(ref));
    // Git calls it done, too, when there was nothing to delete.
    const changes = changed.filter(({ ref, newOid }) => newOid !== undefined || known.has(ref));
    if (changes.length > 0) await exchange.onUpdated(changes);
    if (ended !== undefined) throw ended.error;
  } finally {
    await prepared.dispose();
  }
}

/**
 * Git leaves references of its own that are hidden, and those that it finds wrong itself, out of what is all or nothing
 * (`--atomic`, gitprotocol-capabilities(5)); people do not.
 */
function allOrNothing(inspection: PushInspection, asked: readonly PushCommand[], pushed: readonly PushCommand[]): PushInspection {
  const left = pushed.find(({ ref }) => inspection.refused.has(ref) || !asked.some((command) => command.ref === ref));
  if (left === undefined) return inspection;
  const reason = `atomic push, and ${left.ref} is refused`;
  return { refused: new Map(asked.map(({ ref }) => [ref, inspection.refused.get(ref) ?? reason])), text: `${inspection.text}Nothing was changed: ${reason}.\n` };
}

/** Bytes that one pushed pack may have. */
export function maxPackBytesOf({ limits }: Pick<GitExchange, 'limits'>): number {
  return limits?.maxPackBytes ?? 4 * 1024 ** 3;
}

/** Those of the references to delete that are there. */
async function deletedRefs(repository: GitRepository, commands: readonly PushCommand[]): Promise<ReadonlySet<string>> {
  const deleted = commands.filter(({ ref, newOid }) => newOid === undefined && ref.startsWith('refs/')).map(({ ref }) => ref);
  if (deleted.length === 0) return new Set();
  return new Set((await refTargets(repository, deleted.length > 1000 ? [] : deleted)).keys());
}

/** By reference: what to say once it has changed. */
function hintsOf(commands: readonly PushCommand[], decisions: readonly PushDecision[]): ReadonlyMap<string, string> {
  const hints = new Map<string, string>();
  commands.forEach(({ ref }, index) => {
    const decision = decisions[index];
    const hint = decision === undefined || decision.verdict === 'refuse' ? undefined : decision.hint;
    if (hint !== undefined) hints.set(ref, hint.split('\n').map((line) => `${singleLine(line)}\n`).join(''));
  });
  return hints;
}

/** Where git has said nothing of it, because the client did not ask or git was ended: the references that have what the push wanted were changed. */
async function changedAnyway(repository: GitRepository, commands: readonly PushCommand[]): Promise<PushCommand[]> {
  if (commands.length === 0) return [];
  // Thousands of names do not fit into an argument list.
  const now = await refTargets(repository, commands.length > 1000 ? [] : commands.map(({ ref }) => ref));
  return commands.filter(({ ref, oldOid, newOid }) => newOid !== oldOid && now.get(ref) === newOid);
}
