/** What decides about pushes and merges, and what became of signatures, as every door serves it. */
import { z } from 'zod';
import { repositoryParam } from './forge';

export const SIGNATURE_STATES = ['verified', 'unsigned', 'unknown-key', 'bad', 'expired-key', 'revoked-key', 'wrong-email', 'not-a-member', 'unsupported'] as const;

export const signatureView = z.object({
  state: z.enum(SIGNATURE_STATES),
  reason: z.string().describe('One sentence for people.'),
  signer: z.object({
    kind: z.enum(['user', 'forge']),
    name: z.string(),
    displayName: z.string(),
    keyName: z.string().optional().describe('Name of the SSHKey or GPGKey.'),
  }).optional(),
  key: z.object({ type: z.enum(['ssh', 'openpgp']), id: z.string().describe('SHA256:… of an SSH key, the key id of an OpenPGP key.') }).optional(),
});
export type SignatureView = z.output<typeof signatureView>;

export const signaturesInput = repositoryParam.extend({
  sha: z.string().min(40).max(41 * 250).regex(/^[0-9a-f]{40}(,[0-9a-f]{40})*$/, 'must be full ids of commits or tags, with commas between, 250 at most').describe('Full ids of commits or tags, with commas between; 250 at most.'),
});
export const signaturesOutput = z.object({ signatures: z.record(z.string(), signatureView).describe('By id; ids that the repository does not have are left out.') });

const ruleSource = z.enum(['built-in', 'repository', 'organization']).describe('Whose the rule is: Kradle\'s own, this repository\'s, the whole organization\'s.');

/** One thing that affects pushes or merges of a repository. */
export const hookEntry = z.object({
  id: z.string(),
  stage: z.enum(['push', 'content', 'merge', 'after']).describe('When it is asked: of a push\'s names, of what is in it, of a merge, or afterwards.'),
  title: z.string(),
  summary: z.string().describe('What it asks, in a sentence or two.'),
  effect: z.enum(['refuses', 'warns', 'tells', 'gives']).describe('It stops a change, only tells the pusher, tells somebody else, or gives rights.'),
  enforced: z.boolean().describe('false: it is kept and does nothing yet.'),
  refs: z.array(z.string()).optional().describe('Patterns of references; absent means all.'),
  source: ruleSource,
  object: z.object({ kind: z.string(), plural: z.string(), name: z.string() }).optional().describe('Where it is changed.'),
  bypass: z.string().optional().describe('Who may break it.'),
});
export type HookEntry = z.output<typeof hookEntry>;

export const hooksOutput = z.object({ items: z.array(hookEntry).describe('In the order in which they are asked.') });

export const rulesInput = repositoryParam.extend({
  ref: z.string().min(1).max(255).describe('A branch (main), or a full reference name (refs/tags/v1).'),
  action: z.enum(['push', 'force-push', 'create', 'delete', 'merge']).default('push').describe('What somebody wants to do to it.'),
  actor: z.string().min(1).max(253).optional().describe('Name of the User who does; default: whoever asks.'),
});
export type RuleAction = z.output<typeof rulesInput>['action'];

export const ruleVerdict = hookEntry.extend({
  verdict: z.enum(['allows', 'refuses', 'bypassed', 'warns', 'depends']).describe('depends: on what is pushed, or on the pull request.'),
  message: z.string().describe('What the person who tries is told.'),
});
export type RuleVerdict = z.output<typeof ruleVerdict>;

export const rulesOutput = z.object({
  ref: z.string().describe('The full name.'),
  action: rulesInput.shape.action,
  actor: z.string(),
  outcome: z.enum(['allowed', 'refused', 'depends']),
  message: z.string().describe('The answer in one sentence.'),
  rules: z.array(ruleVerdict).describe('Every rule that is asked, in order, each with its source.'),
});
