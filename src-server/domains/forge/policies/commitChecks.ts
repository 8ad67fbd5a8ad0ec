import type { SignatureView } from '#shared/api/pushPolicies';
import type { Commit } from '../git/objects/commitObject';
import { type Keyring, personOfAddress, type Signer } from '../signatures/keyring';
import type { ContentRule, MessageRule } from './contentRules';
import { isFound } from './messagePattern';
import type { Violation } from './violation';

export type CommitFinding = Pick<Violation, 'message' | 'advice'> & { readonly warnOnly?: boolean };

/** What the message and the people of a commit break of a rule. */
export function checkCommit(rule: ContentRule, commit: Commit, opts: { keyring: Keyring; pusher: Signer | undefined; isPush: boolean }): CommitFinding[] {
  // The message of a merge is git's or the forge's, and says what its commits say.
  const messages = commit.parents.length > 1 ? [] : rule.messages;
  return [...messages.flatMap((each) => checkMessage(each, commit)), ...checkIdentities(rule, commit, opts)];
}

/** What becomes of a signature that is not good. */
export function checkSignature(demand: 'ignore' | 'warn' | 'require', view: SignatureView, what: 'commit' | 'tag'): CommitFinding[] {
  if (demand === 'ignore' || view.state === 'verified') return [];
  return [{ message: `the ${what} has no verified signature: ${lower(view.reason)}`, advice: ADVICE[view.state](what), warnOnly: demand === 'warn' }];
}

const sign = (what: string): string => (what === 'tag' ? 'Make it anew, signed: git tag -f -s NAME' : 'Sign it: git commit --amend -S --no-edit, or of several: git rebase --exec "git commit --amend -S --no-edit" BASE');
const addKey = (): string => 'Add the key to your account: Settings, SSH keys (for signing) or GPG keys';
const ADVICE: Readonly<Record<Exclude<SignatureView['state'], 'verified'>, (what: string) => string>> = {
  unsigned: sign, bad: sign, unsupported: sign, 'unknown-key': addKey, 'expired-key': sign, 'revoked-key': sign, 'not-a-member': sign,
  'wrong-email': () => 'Set the address of your account: git config user.email ADDRESS, then git commit --amend -S --reset-author --no-edit',
};

function checkMessage({ part, mustMatch, mustNotMatch, message }: MessageRule, { subject, body }: Commit): CommitFinding[] {
  const text = part === 'subject' ? subject : part === 'body' ? body : body === '' ? subject : `${subject}\n\n${body}`;
  const name = part === 'message' ? 'the message' : `the ${part} of the message`;
  const advice = 'Write it anew: git commit --amend, or git rebase -i BASE for an older one';
  return [
    ...(mustMatch !== undefined && !isFound(mustMatch, text) ? [{ message: message ?? `${name} does not match ${mustMatch}`, advice }] : []),
    ...(mustNotMatch !== undefined && isFound(mustNotMatch, text) ? [{ message: message ?? `${name} matches ${mustNotMatch}`, advice }] : []),
  ];
}

function checkIdentities({ identities }: ContentRule, { author, committer }: Commit, { keyring, pusher, isPush }: { keyring: Keyring; pusher: Signer | undefined; isPush: boolean }): CommitFinding[] {
  if (identities === undefined) return [];
  const advice = `Set your address: git config user.email ${[...(pusher?.emails ?? [])][0] ?? 'ADDRESS'}, then git commit --amend --reset-author --no-edit`;
  return ([['author', author], ['committer', committer]] as const).flatMap(([role, person]) => {
    // What was pushed before may be another member's.
    const whose = identities[role] === 'pusher' && !isPush ? 'member' : identities[role];
    const owner = whose === 'any' ? undefined : personOfAddress(keyring, person.email);
    if (whose === 'member' && owner === undefined) return [{ message: `the ${role}'s address ${person.email || '(none)'} is no member's`, advice }];
    if (whose === 'pusher' && (owner === undefined || owner.name !== pusher?.name)) return [{ message: `the ${role}'s address ${person.email || '(none)'} is not yours`, advice }];
    return [];
  });
}

function lower(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
}
