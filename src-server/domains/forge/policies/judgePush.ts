import { Repository } from '#shared/kinds/forge/repository';
import type { ForgeContext } from '../forgeContext';
import { isAncestor } from '../git/history/commits';
import type { GitRepository } from '../git/gitRepositories';
import type { PushCommand, PushRequest } from '../git/transport/pushCommands';
import type { PushDecision, PushInspection, QuarantinedPush } from '../git/transport/pushHooks';
import { judgeRefChange, type RefChange, type RefSituation } from '../protection/refChange';
import type { OpenRepository } from '../repositories/openRepository';
import { type ContentRule, contentRulesOf } from './contentRules';
import { type ContentViolation, inspectChanges, type InspectionLimits } from './inspectChanges';
import { formatPushReport } from './pushReport';
import { withQuarantine } from './quarantine';
import { readSecretOverride } from './secretOverride';
import { describeViolation, firstRefusal, type Violation } from './violation';

export interface PushJudgeDeps {
  readonly ctx: ForgeContext;
  readonly repository: OpenRepository;
  readonly situation: RefSituation;
  readonly limits?: InspectionLimits | undefined;
}

/** Judges one push: by names before git takes it, and by what is in it while git holds it in quarantine. */
export interface PushJudge {
  readonly org: string;
  decide(push: PushRequest): PushDecision[];
  inspect(push: QuarantinedPush): Promise<PushInspection>;
  /** What was found so far. */
  readonly violations: readonly ContentViolation[];
  /** Why findings of secrets were pushed all the same; undefined when none were. */
  readonly overrideReason: string | undefined;
}

export function createPushJudge(deps: PushJudgeDeps): PushJudge {
  const { situation } = deps;
  const rules = contentRulesOf(situation);
  let violations: readonly ContentViolation[] = [];
  let request: PushRequest | undefined;
  return {
    org: situation.org,
    get violations() {
      return violations;
    },
    get overrideReason() {
      return violations.some(({ secretRule, outcome }) => secretRule !== undefined && outcome === 'bypassed') ? readSecretOverride(request?.options ?? []) : undefined;
    },
    decide(push) {
      request = push;
      const decisions = push.commands.map((command) => decideByName(command, situation, rules));
      violations = push.commands.flatMap((command) => judgeRefChange(changeOf(command, false), situation));
      return decisions;
    },
    async inspect(push) {
      const judged = await judgeQuarantined(deps, push, { rules, options: request?.options ?? [] });
      violations = judged;
      const refused = new Map<string, string>();
      for (const { ref } of push.commands) {
        const refusal = firstRefusal(judged.filter((each) => each.ref === ref));
        if (refusal !== undefined) refused.set(ref, describeViolation(refusal, situation.org));
      }
      const text = formatPushReport({
        org: situation.org, repository: situation.repository, violations: judged, refs: push.commands.map(({ ref }) => ref),
        atomic: request?.capabilities.has('atomic') === true, overrideReason: this.overrideReason,
      });
      return { refused, text };
    },
  };
}

/** Whether a change rewrites history, and what it brings, is known only once git has the objects. */
function decideByName(command: PushCommand, situation: RefSituation, rules: readonly ContentRule[]): PushDecision {
  const found = judgeRefChange(changeOf(command, false), situation);
  const refusal = firstRefusal(found);
  if (refusal !== undefined) return { verdict: 'refuse', reason: describeViolation(refusal, situation.org) };
  const mattersWhetherForced = command.oldOid !== undefined && command.newOid !== undefined && judgeRefChange(changeOf(command, true), situation).length > found.length;
  const looksInside = command.newOid !== undefined && rules.some((rule) => rule.covers(command.ref));
  return found.length > 0 || mattersWhetherForced || looksInside ? { verdict: 'inspect' } : { verdict: 'allow' };
}

async function judgeQuarantined(deps: PushJudgeDeps, push: QuarantinedPush, opts: { rules: readonly ContentRule[]; options: readonly string[] }): Promise<ContentViolation[]> {
  const { situation } = deps;
  const repository = withQuarantine(deps.repository.git, push.objectsPath);
  try {
    const changes = await Promise.all(push.commands.map(async (command) => changeOf(command, await isForced(repository, command, situation))));
    const byName: Violation[] = changes.flatMap((change) => judgeRefChange(change, situation));
    // What its name refuses need not be looked into.
    const open = changes.filter(({ ref }) => firstRefusal(byName.filter((each) => each.ref === ref)) === undefined);
    const reason = readSecretOverride(opts.options);
    const inside = await inspectChanges({
      repository, changes: open, isPush: true, rules: opts.rules, situation, keyring: () => deps.ctx.signing.keyring(situation.org), limits: deps.limits, signal: push.signal,
      override: reason === undefined ? undefined : { reason, mayOverride: (rule) => mayOverride(deps, rule) },
    });
    return [...byName, ...inside];
  } finally {
    repository.objects.close();
  }
}

async function mayOverride({ ctx, situation }: PushJudgeDeps, { secrets }: ContentRule): Promise<boolean> {
  const { actor, org, repository } = situation;
  if (actor.kind === 'run' || secrets === undefined || secrets.override === 'nobody') return false;
  if (secrets.override === 'pusher') return true;
  return (await ctx.resources.as(actor).may('override-secrets', Repository, { org, name: repository })).allowed;
}

function changeOf({ ref, oldOid, newOid }: PushCommand, forced: boolean): RefChange {
  return { ref, oldSha: oldOid, newSha: newOid, forced };
}

/** Asked of git only where it decides something. */
async function isForced(repository: GitRepository, command: PushCommand, situation: RefSituation): Promise<boolean> {
  const { oldOid, newOid } = command;
  if (oldOid === undefined || newOid === undefined) return false;
  if (judgeRefChange(changeOf(command, true), situation).length === judgeRefChange(changeOf(command, false), situation).length) return false;
  // A tag of something that is no commit is rewritten, whatever it becomes.
  return !(await isAncestor(repository, oldOid, newOid).catch(() => false));
}
