import { StatusError, type StatusCause } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { issueCauses } from '#shared/kind/issueCauses';
import { specJsonSchema } from '#shared/kind/jsonSchema';
import { getPath } from '#shared/kind/paths';
import type { Actor } from './actor';
import { checkSize } from './limits';
import { metadataCauses } from './metadataCauses';
import { describeObject, keyOf } from './objectScope';
import { ownerCauses, ownersOf, referenceCauses, type ReferenceDeps } from './references';
import type { ResourceClient, WriteOptions } from './resourceClient';
import { readDeclaredFields } from './schemaCauses';
import type { AnyStrategy, StrategyContext } from './strategy';

/** Causes that one refusal lists at most: input may hold a mistake a million times. */
const MAX_CAUSES = 100;

export interface AdmissionDeps extends ReferenceDeps {
  readonly strategies: ReadonlyMap<string, AnyStrategy>;
  /** Acts for the system; strategies read through it. */
  readonly systemClient: () => ResourceClient;
  /** RFC 3339. */
  readonly now: () => string;
}

export interface AdmissionRequest {
  readonly kind: AnyKind;
  readonly org: string;
  readonly operation: 'create' | 'update';
  readonly actor: Actor;
  /** The stored object, on update. */
  readonly current?: KradleObject;
  /** What is to be stored, with its metadata complete and its spec as the client sent it. */
  readonly draft: KradleObject;
  readonly options: WriteOptions;
}

/**
 * Turns a draft into an object that may be stored. The steps, in order:
 *
 * 1. the fields that the kind has are read, and its strategy fills in what the server decides,
 * 2. defaults and shape: the spec is parsed by its schema, metadata by Kubernetes' rules; every cause is reported at once,
 * 3. rules: immutable fields, references, owners, the strategy's own; again every cause at once,
 * 4. owners that follow from references, canonical form, size.
 *
 * A spec that does not change is not checked again: rules that came later must not keep a finalizer from being removed.
 *
 * @throws Invalid with causes; Forbidden with CROSS_ORG_REF_DENIED; RequestEntityTooLarge; whatever a strategy throws.
 */
export async function admit(deps: AdmissionDeps, request: AdmissionRequest): Promise<KradleObject> {
  const { kind, org, current } = request;
  const strategy = deps.strategies.get(kind.names.kind);
  const ctx: StrategyContext = {
    operation: request.operation, actor: request.actor, org, current, resources: deps.systemClient(), now: deps.now(),
  };
  const specChanged = current === undefined || !jsonEqual(current.spec, request.draft.spec);
  if (!specChanged) {
    refuse(request, metadataCauses(request.draft.metadata));
    return finish(deps, request, { ...request.draft, spec: current.spec });
  }

  // A strategy changes what it is given: the spec that was read is nobody else's.
  const read = readDeclaredFields(specJsonSchema(kind), request.draft.spec, 'spec');
  const draft = { ...request.draft, metadata: { ...request.draft.metadata }, spec: read.value as Record<string, unknown> };
  await strategy?.prepare?.(draft, ctx);
  const object = parse(request, draft, read.unknown);
  refuse(request, [
    ...immutableCauses(kind, object, current),
    ...(await referenceCauses(deps, kind, { org, object, current })),
    ...((await strategy?.validate?.(object, ctx)) ?? []),
  ]);
  strategy?.canonicalize?.(object, ctx);
  return finish(deps, request, object);
}

function parse(request: AdmissionRequest, draft: KradleObject, unknown: readonly StatusCause[]): KradleObject {
  const { kind, options } = request;
  const parsed = kind.spec.safeParse(draft.spec);
  if (options.fieldValidation === 'warn') for (const { field = '' } of unknown) options.onWarning?.(`unknown field "${field}"`);
  refuse(request, [
    ...metadataCauses(draft.metadata),
    ...(options.fieldValidation === undefined || options.fieldValidation === 'strict' ? unknown : []),
    ...(parsed.success ? [] : issueCauses(parsed.error.issues, draft.spec, 'spec')),
  ]);
  return { ...draft, spec: parsed.data as Record<string, unknown> };
}

async function finish(deps: AdmissionDeps, request: AdmissionRequest, object: KradleObject): Promise<KradleObject> {
  const admitted = mayBeOwned(request.kind, object) ? await withOwnerReferences(deps, request, object) : object;
  checkSize(admitted);
  return admitted;
}

function mayBeOwned(kind: AnyKind, { metadata }: KradleObject): boolean {
  return metadata.ownerReferences !== undefined || kind.refs?.some((reference) => reference.owner) === true;
}

async function withOwnerReferences(deps: AdmissionDeps, request: AdmissionRequest, object: KradleObject): Promise<KradleObject> {
  const { kind, org, current } = request;
  refuse(request, await ownerCauses(deps, org, { object, current }));
  const ownerReferences = await ownersOf(deps, kind, { org, object, current });
  const { ownerReferences: _given, ...metadata } = object.metadata;
  return { ...object, metadata: ownerReferences === undefined ? metadata : { ...metadata, ownerReferences } };
}

function immutableCauses(kind: AnyKind, object: KradleObject, current: KradleObject | undefined): StatusCause[] {
  if (current === undefined || kind.immutable === undefined) return [];
  // A default that was added to the kind later is no change of the client's.
  const parsed = kind.spec.safeParse(current.spec);
  const before = parsed.success ? { ...current, spec: parsed.data } : current;
  return kind.immutable.flatMap((path) => {
    const stored = getPath(before, path);
    if (jsonEqual(stored, getPath(object, path))) return [];
    const was = stored === undefined ? 'it was left out then' : `it is ${excerpt(stored)}`;
    return [{ code: 'FieldValueForbidden', field: path, message: `${path} cannot change after creation; ${was}. Create another ${kind.names.kind} instead` }];
  });
}

/** Throws `Invalid` when there are causes; its message carries the first ones, for clients that show only a message. */
function refuse(request: AdmissionRequest, causes: readonly StatusCause[]): void {
  if (causes.length === 0) return;
  const { kind, org, draft } = request;
  const unique = [...new Map(causes.map((cause) => [cause.message, cause])).values()];
  const shown = unique.slice(0, 3).map((cause) => cause.message).join('; ');
  const more = unique.length > 3 ? `; and ${unique.length - 3} more` : '';
  throw new StatusError('Invalid', `${kind.names.kind} "${draft.metadata.name}" is invalid: ${shown}${more}`, {
    resource: describeObject(kind, keyOf(kind, org, draft.metadata.name)),
    causes: unique.slice(0, MAX_CAUSES),
  });
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
