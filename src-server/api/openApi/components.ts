/** What all operations share: the error body and when it comes, headers that say more, and parameters that work everywhere. */

export const ERROR_SCHEMA = {
  type: 'object' as const,
  required: ['error'],
  properties: {
    error: {
      type: 'object' as const,
      required: ['code', 'message', 'correlationId', 'reasons'],
      properties: {
        code: { type: 'string' as const, description: 'Stable code: NOT_FOUND, ORG_NOT_FOUND, CROSS_ORG_REF_DENIED …' },
        message: { type: 'string' as const, description: 'What is wrong and what would be right.' },
        correlationId: { type: 'string' as const, description: 'Finds the request in the server\'s log and in the audit log.' },
        resource: { type: 'string' as const, description: 'Kind/namespace/name.' },
        reasons: {
          type: 'array' as const,
          items: { type: 'object' as const, required: ['code', 'message'], properties: { code: { type: 'string' as const }, field: { type: 'string' as const }, message: { type: 'string' as const } } },
        },
      },
    },
  },
};

interface Failure {
  readonly status: number;
  readonly name: string;
  readonly description: string;
  readonly code: string;
  readonly message: string;
}

/** Every status of failure; seeds, 001-api-contract-spec, "Response conventions". */
export const FAILURES = [
  { status: 400, name: 'BadRequest', description: 'The request cannot be read, or names no organization (ORG_REQUIRED).', code: 'BAD_REQUEST', message: 'The request is not valid: limit must be a number.' },
  { status: 401, name: 'Unauthorized', description: 'Not signed in, or no longer.', code: 'UNAUTHORIZED', message: 'Sign in first: send the token as "Authorization: Bearer TOKEN".' },
  { status: 403, name: 'Forbidden', description: 'A role, rule or policy does not allow it (POLICY_DENIED, CROSS_ORG_REF_DENIED, ORG_NAMESPACE_MISMATCH).', code: 'FORBIDDEN', message: 'Merging takes the role maintain in the repository "demo".' },
  { status: 404, name: 'NotFound', description: 'It is not there, or you may not know that it is (ORG_NOT_FOUND).', code: 'NOT_FOUND', message: 'There is no Repository "demo" in organization "default"' },
  { status: 409, name: 'Conflict', description: 'It exists already, has changed meanwhile, or is in a state that does not allow it (IDEMPOTENCY_KEY_REUSED).', code: 'CONFLICT', message: 'The run has ended already: it is Completed' },
  { status: 412, name: 'PreconditionFailed', description: 'The object is not at the version that If-Match names.', code: 'PRECONDITION_FAILED', message: 'AgentStack "fixer" has changed: you have version 41, it is at 42.' },
  { status: 422, name: 'Invalid', description: 'The JSON is read, and what it says is not valid; every fault with its field.', code: 'INVALID', message: 'AgentStack "fixer" is not valid: spec.baseAgent is required' },
  { status: 429, name: 'TooManyRequests', description: 'Too many requests; Retry-After says when to come back.', code: 'RATE_LIMITED', message: 'Too many requests by you: 30000 a minute are allowed. Wait 2 s.' },
  { status: 501, name: 'NotImplemented', description: 'The capability comes with a later version; GET /api/info has those that are there.', code: 'NOT_IMPLEMENTED', message: 'Serving models comes with a later version.' },
  { status: 503, name: 'ServiceUnavailable', description: 'The store or a part of the server does not answer now.', code: 'SERVICE_UNAVAILABLE', message: 'The database does not answer; try again in a moment.' },
] as const satisfies readonly Failure[];

/** Refers to the response of a status of failure. */
export function failureRef(status: number): { $ref: string } {
  return { $ref: `#/components/responses/${FAILURES.find((each) => each.status === status)?.name ?? 'Failure'}` };
}

const integerHeader = (description: string) => ({ description, schema: { type: 'integer' as const } });
const textHeader = (description: string) => ({ description, schema: { type: 'string' as const } });

/** Headers of answers. */
export const HEADERS = {
  ETag: textHeader('The version of the object in quotes; for If-None-Match and If-Match.'),
  Link: textHeader('Where the next page is: <https://…>; rel="next".'),
  IdempotencyReplayed: textHeader('true: this is the answer to the first request with this Idempotency-Key.'),
  RateLimitLimit: integerHeader('Requests a minute.'),
  RateLimitRemaining: integerHeader('Requests that may follow at once.'),
  RateLimitReset: integerHeader('Seconds until all of them may.'),
  RetryAfter: integerHeader('Seconds after which a retry may work.'),
  CorrelationId: textHeader('Finds the request in the server\'s log; X-Request-Id of the request, if it has one.'),
};

const header = (name: string, description: string, example: string) => ({ in: 'header' as const, name, required: false, description, schema: { type: 'string' as const }, example });

/** Parameters that a door adds to what a procedure takes. */
export const PARAMETERS = {
  Fields: { in: 'query' as const, name: 'fields', required: false, description: 'Only these fields of the object, or of each object: dotted paths with commas between.', schema: { type: 'string' as const }, example: 'metadata.name,status.phase' },
  Org: { in: 'query' as const, name: 'org', required: false, description: 'Organization slug. Default: what the body names, else the only one that you have; ORG_REQUIRED otherwise.', schema: { type: 'string' as const }, example: 'default' },
  IfNoneMatch: header('If-None-Match', 'ETag of an earlier answer: 304 when nothing has changed.', '"42"'),
  IfMatch: header('If-Match', 'ETag of the version that is to be changed: 412 when it is another.', '"42"'),
  IdempotencyKey: header('Idempotency-Key', 'Any text that is unique for this request, a UUID: however often it is sent within 24 hours, it is carried out once.', '5f0c8a1e-2b7d-4a55-9d0e-0b0f3c9a4e11'),
};

export function failureResponses(): Record<string, object> {
  const response = ({ code, message, description, status }: Failure) => ({
    description,
    headers: { 'X-Correlation-Id': { $ref: '#/components/headers/CorrelationId' }, ...(status === 429 ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } : {}) },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' }, example: { error: { code, message, correlationId: 'kradle-9f3a6c01d2e4b5', reasons: [] } } } },
  });
  const other: Failure = { status: 500, name: 'Failure', description: 'The server failed; its log has the details under the correlation id.', code: 'INTERNAL_ERROR', message: 'The server failed; its log has the details under this correlation id.' };
  return Object.fromEntries([...FAILURES, other].map((each) => [each.name, response(each)]));
}

/** What the path's parts are, where the procedure does not say. */
export const PATH_PARTS: Readonly<Record<string, { readonly description: string; readonly example: string }>> = {
  org: { description: 'Organization slug.', example: 'default' },
  name: { description: 'Name of the object.', example: 'demo' },
  kind: { description: 'Kind, plural, singular or short name.', example: 'agentstacks' },
  repository: { description: 'Name of the repository.', example: 'demo' },
  pr: { description: 'Name of the pull request: REPOSITORY-NUMBER.', example: 'demo-1' },
  sha: { description: 'Commit id.', example: '0'.repeat(40) },
  feed: { description: 'Name of the feed.', example: 'packages' },
  rule: { description: 'Name of the trigger rule.', example: 'on-comment' },
  id: { description: 'Id.', example: 'example' },
  sessionId: { description: 'Id of the conversation.', example: 'example' },
  code: { description: 'Code of the invitation.', example: 'A'.repeat(43) },
  provider: { description: 'Name of the sign-in provider.', example: 'github' },
  refAndPath: { description: 'Branch, tag or commit, a slash, and the path of the file.', example: 'main/README.md' },
  refAndFormat: { description: 'Branch, tag or commit with the format behind it.', example: 'main.zip' },
};

/** The same for what is asked behind the path. */
export const QUERY_PARTS: Readonly<Record<string, string>> = {
  ref: 'Branch, tag or commit; default: the default branch.',
  path: 'Path within the repository.',
  after: 'Where the previous page ended.',
  before: 'Only what came before it.',
  limit: 'How many at most.',
  continue: 'Token of the previous page.',
  q: 'Text to look for.',
  phase: 'Only those in this phase.',
  run: 'Only those of this run.',
  action: 'Only those about this action.',
  repository: 'Only those of this repository.',
  stack: 'Only those of this agent.',
  state: 'Only those in this state.',
  author: 'Only those of this author.',
  base: 'Branch, tag or commit to compare with.',
  head: 'Branch, tag or commit that is compared.',
  name: 'Name.',
  since: 'Only what happened at this time or later.',
  until: 'Only what happened before this time.',
  dryRun: 'Checks everything and stores nothing.',
};

/** What each group of operations is about. */
export const TAGS: Readonly<Record<string, string>> = {
  System: 'The server, and who you are to it.',
  Controller: 'An organization at a glance.',
  Organizations: 'Organizations and what is in them.',
  Resources: 'Objects of any kind.',
  Repositories: 'Repositories and the code in them.',
  'Pull requests': 'Pull requests, reviews, checks and merges.',
  Agents: 'Agents, their runs and approvals.',
  Events: 'What happens, as it happens: Server-Sent Events.',
  Access: 'Who may do what, and why.',
  'Config maps': 'Configuration that agents are given.',
  'Service accounts': 'Accounts of programs, and their tokens.',
  'Sign-in': 'Ways to sign in.',
  Secrets: 'Secrets and the grants of them. No answer holds a value.',
  Account: 'Your own account, sessions and tokens.',
  People: 'Invitations.',
  Audit: 'What was done, by whom and why it was allowed.',
  Notifications: 'What you are told.',
  Inference: 'Serving models. Planned.',
  Artifacts: 'Package registries. Planned.',
  Assistant: 'The assistant. Planned.',
  Memory: 'Memory of agents. Planned.',
  Triggers: 'Events that set agents to work. Planned.',
  External: 'Synchronisation with other forges. Planned.',
};
