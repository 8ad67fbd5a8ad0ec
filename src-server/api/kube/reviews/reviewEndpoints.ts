import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import { issueCauses } from '#shared/kind/issueCauses';
import { API_GROUP } from '#shared/kind/objectMeta';
import type { Endpoint } from '../../../http/endpoint';
import type { Actor } from '../../../resources/actor';
import { readBody } from '../../readBody';
import { bodyType, MAX_BODY_BYTES, OBJECT_MEDIA_TYPES, readObjectBody } from '../objects/objectBody';
import { KUBE_PROTOBUF } from '../protobuf/mediaType';
import { sendKube } from '../sendKube';
import { decideResource, type AccessAnswer, type AccessDeps } from './accessDecision';
import { mayReadAddress, readableAddresses, resourceRules } from './accessRules';

/** The organizations of an actor as groups; `all` is no organization's, a colon separates. */
const GROUP_PREFIX = 'kradle:organizations:';

/** What one may do, and who one is: the reviews of `kubectl auth can-i` and `kubectl auth whoami`. Everybody may ask about themselves. */
export function createReviewEndpoints(deps: AccessDeps): Endpoint[] {
  return [
    review(/^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews\/?$/, {
      apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: accessSpec, answer: (actor, spec) => accessStatus(deps, actor, spec),
    }),
    review(/^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectrulesreviews\/?$/, {
      apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: rulesSpec, answer: (actor, spec) => rulesStatus(deps, actor, spec.namespace),
    }),
    ...['v1', 'v1beta1'].map((version) =>
      review(new RegExp(`^/apis/authentication\\.k8s\\.io/${version}/selfsubjectreviews/?$`), {
        apiVersion: `authentication.k8s.io/${version}`, kind: 'SelfSubjectReview', spec: z.unknown().optional(), answer: async (actor) => ({ userInfo: userInfo(actor) }),
      }),
    ),
  ];
}

const text = z.string().max(253).default('');

const accessSpec = z
  .object({
    resourceAttributes: z.object({ namespace: text, verb: text, group: text, version: text, resource: text, subresource: text, name: text }).optional(),
    nonResourceAttributes: z.object({ path: z.string().max(4096).default(''), verb: text }).optional(),
  })
  .refine((spec) => (spec.resourceAttributes === undefined) !== (spec.nonResourceAttributes === undefined), 'exactly one of resourceAttributes and nonResourceAttributes must be set');

const rulesSpec = z.object({ namespace: z.string().max(253).min(1, 'must name the namespace to list rules for') });

interface ReviewOptions<TSpec extends z.ZodType> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: TSpec;
  readonly answer: (actor: Actor, spec: z.output<TSpec>) => Promise<unknown>;
}

/** A resource that is only ever created: the answer is the object with its status, and nothing is stored. */
function review<TSpec extends z.ZodType>(pattern: RegExp, { apiVersion, kind, spec, answer }: ReviewOptions<TSpec>): Endpoint {
  const envelope = z.object({ apiVersion: z.literal(apiVersion).optional(), kind: z.literal(kind).optional(), spec: z.unknown().optional() });
  return {
    methods: ['POST'],
    pattern,
    errors: 'kubernetes',
    async handle({ req, res, actor }) {
      const value = await readReview(req);
      const body = checked(kind, envelope.safeParse(value), { value });
      const given = checked(kind, spec.safeParse(body.spec), { value: body.spec, root: 'spec' });
      const status = await answer(actor, given);
      sendKube(req, res, { status: 201, body: { kind, apiVersion, metadata: { creationTimestamp: null }, ...(body.spec === undefined ? {} : { spec: body.spec }), status } });
    },
  };
}

async function readReview(req: IncomingMessage): Promise<unknown> {
  if (bodyType(req) === KUBE_PROTOBUF) {
    const { decodeKubeProtobuf } = await import('../protobuf/kubeProtobuf');
    return decodeKubeProtobuf(await readBody(req, MAX_BODY_BYTES));
  }
  return (await readObjectBody(req, { accepted: [...OBJECT_MEDIA_TYPES, KUBE_PROTOBUF] })).value;
}

function checked<TOutput>(kind: string, parsed: z.ZodSafeParseResult<TOutput>, at: { value: unknown; root?: string }): TOutput {
  if (parsed.success) return parsed.data;
  const causes = issueCauses(parsed.error.issues, at.value, at.root);
  throw new StatusError('Invalid', `The ${kind} is not valid: ${causes.map((cause) => cause.message).join('; ')}`, { resource: kind, causes });
}

async function accessStatus(deps: AccessDeps, actor: Actor, spec: z.output<typeof accessSpec>): Promise<AccessAnswer> {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined) return decideResource(deps, actor, resourceAttributes);
  const { path = '', verb = '' } = nonResourceAttributes ?? {};
  if (verb.toLowerCase() === 'get' && mayReadAddress(actor, path)) return { allowed: true, reason: 'Everybody who is signed in may read it' };
  return { allowed: false, reason: `${readableAddresses(actor).join(', ')} may be read; nothing else is open without a resource` };
}

async function rulesStatus(deps: AccessDeps, actor: Actor, namespace: string): Promise<unknown> {
  return {
    resourceRules: await resourceRules(deps, actor, namespace),
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: readableAddresses(actor) }],
    incomplete: false,
  };
}

function userInfo(actor: Actor): unknown {
  const organizations = actor.orgs === '*' ? [`${GROUP_PREFIX}all`] : actor.orgs.map((org) => `${GROUP_PREFIX}${org}`);
  return {
    username: actor.run === undefined ? actor.name : `run:${actor.run.org}/${actor.run.name}`,
    groups: ['system:authenticated', ...organizations],
    ...(actor.displayName === undefined ? {} : { extra: { [`${API_GROUP}/display-name`]: [actor.displayName] } }),
  };
}
