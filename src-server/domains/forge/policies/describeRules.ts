import type { HookEntry } from '#shared/api/pushPolicies';
import type { ProtectionRule } from '../protection/protectionRules';
import type { PolicyObject } from './refPolicies';

/** What a protection asks, as entries of the Hooks page: of pushes, of what is in them, and of merges. */
export function describeProtection(rule: ProtectionRule): HookEntry[] {
  const { spec, metadata } = rule;
  const common = {
    refs: [...spec.refs],
    source: spec.repository === undefined ? ('organization' as const) : ('repository' as const),
    object: { kind: 'BranchProtection', plural: 'branchprotections', name: metadata.name },
    effect: 'refuses' as const,
    enforced: true,
    bypass: spec.enforceAdmins ? 'nobody' : 'administrators of the organization',
  };
  const entry = (stage: HookEntry['stage'], title: string, parts: readonly (string | false | undefined)[]): HookEntry[] => {
    const said = parts.filter((part): part is string => typeof part === 'string');
    return said.length === 0 ? [] : [{ id: `BranchProtection/${metadata.name}/${stage}`, stage, title, summary: sentence(said), ...common }];
  };
  return [
    ...entry('push', `Branch protection ${metadata.name}`, [
      spec.requirePullRequest && 'direct pushes are refused, changes arrive by pull request', !spec.allowForcePush && 'no force pushes', !spec.allowDeletion && 'no deletion',
    ]),
    ...entry('content', `Branch protection ${metadata.name}`, [spec.requireLinearHistory && 'no merge commits', spec.requireSignedCommits && 'every new commit has a verified signature']),
    ...entry('merge', `Branch protection ${metadata.name}`, [
      spec.requiredApprovals > 0 && `${spec.requiredApprovals} approving ${spec.requiredApprovals === 1 ? 'review' : 'reviews'}`,
      spec.requireCodeOwnerReview && 'code owners approve what is theirs',
      spec.requireLastPushApproval && 'somebody other than the last pusher approves',
      spec.dismissStaleReviews && 'a push takes approvals back',
      (spec.requiredChecks?.length ?? 0) > 0 && `checks succeed: ${(spec.requiredChecks ?? []).join(', ')}`,
      spec.requireUpToDate && 'the source has the newest commit of the target',
      spec.requireConversationResolution && 'every conversation is resolved',
      spec.requireLinearHistory && 'no merge commits',
      spec.requireSignedCommits && 'every commit has a verified signature',
    ]),
  ];
}

/** What a policy asks. */
export function describePolicy({ metadata, spec, status }: PolicyObject): HookEntry[] {
  const common = {
    source: spec.repository === undefined ? ('organization' as const) : ('repository' as const),
    object: { kind: 'RefPolicy', plural: 'refpolicies', name: metadata.name },
    effect: spec.mode === 'audit' ? ('warns' as const) : ('refuses' as const),
    enforced: true,
    bypass: describeBypass(spec.bypass),
  };
  const title = `Reference policy ${metadata.name}`;
  const refs = spec.refs === undefined ? {} : { refs: [...spec.refs] };
  const entry = (id: 'push' | 'content' | 'secrets', parts: readonly (string | false | undefined)[], more: Partial<HookEntry> = {}): HookEntry[] => {
    const said = parts.filter((part): part is string => typeof part === 'string');
    return said.length === 0 ? [] : [{ id: `RefPolicy/${metadata.name}/${id}`, stage: id === 'push' ? 'push' : 'content', title, summary: sentence(said), ...refs, ...common, ...more }];
  };
  const { signing, files, secretScanning } = spec;
  return [
    ...entry('push', [
      (spec.denyPrefixes?.length ?? 0) > 0 && `nothing may be pushed under ${(spec.denyPrefixes ?? []).join(', ')}`,
      ...(spec.denyRules ?? []).map(({ pattern, actions, message }) => `${pattern}: no ${actions.join(', ')}${message === undefined ? '' : ` (${message})`}`),
      spec.forcePush !== undefined && spec.forcePush !== 'allow' && `no force pushes${spec.forcePush === 'admins' ? ' but by administrators' : ''}`,
      spec.deletion !== undefined && spec.deletion !== 'allow' && `no deletion${spec.deletion === 'admins' ? ' but by administrators' : ''}`,
    ]),
    ...entry('content', [
      spec.linearHistory === true && 'no merge commits',
      signing !== undefined && signing.commits !== 'ignore' && `commits are signed${signing.commits === 'warn' ? ' (told only)' : ''}`,
      signing !== undefined && signing.tags !== 'ignore' && `tags are signed${signing.tags === 'warn' ? ' (told only)' : ''}`,
      files?.maxSizeBytes !== undefined && `files have at most ${files.maxSizeBytes.toLocaleString('en')} bytes`,
      files?.maxPathLength !== undefined && `paths have at most ${files.maxPathLength} characters`,
      (files?.denyPaths?.length ?? 0) > 0 && `no ${(files?.denyPaths ?? []).join(', ')}`,
      ...(spec.commitMessages ?? []).flatMap(({ part, mustMatch, mustNotMatch }) => [mustMatch !== undefined && `the ${part} matches "${mustMatch}"`, mustNotMatch !== undefined && `the ${part} does not match "${mustNotMatch}"`]),
      ...(['author', 'committer'] as const).map((role) => spec.identities !== undefined && spec.identities[role] !== 'any' && `the ${role}'s address is ${spec.identities[role] === 'pusher' ? 'the pusher\'s' : 'a member\'s'}`),
    ]),
    ...(secretScanning === undefined || secretScanning.mode === 'off' ? [] : entry('secrets', [
      'files are searched for keys, tokens and passwords', secretScanning.mode === 'warn' ? 'findings are told only' : `findings are refused, ${OVERRIDES[secretScanning.override]}`,
    ], secretScanning.mode === 'warn' ? { effect: 'warns' } : {})),
    ...(spec.hookGates ?? []).map((gate): HookEntry => ({
      id: `RefPolicy/${metadata.name}/gate/${gate.name}`, stage: gate.stage === 'post-receive' ? 'after' : 'content', title: `Outside check ${gate.name}`,
      summary: status?.conditions?.find(({ type }) => type === 'HookGatesEnforced')?.message ?? 'Kept and not asked yet: pushes do not wait for it.', ...refs, ...common, enforced: false,
    })),
  ];
}

const OVERRIDES = { pusher: 'unless the pusher gives a reason', maintainer: 'unless a maintainer gives a reason', nobody: 'without exception' } as const;

function describeBypass(bypass: PolicyObject['spec']['bypass']): string {
  if (bypass === undefined) return 'nobody';
  const who = [
    ...(bypass.administrators ? ['administrators of the organization'] : []),
    ...(bypass.users ?? []), ...(bypass.teams ?? []).map((team) => `team ${team}`), ...(bypass.serviceAccounts ?? []).map((account) => `service account ${account}`),
  ];
  return who.length === 0 ? 'nobody' : who.join(', ');
}

function sentence(parts: readonly string[]): string {
  const text = parts.join('; ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
