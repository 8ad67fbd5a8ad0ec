import { StatusError, type StatusCause } from '#shared/api/status';
import { copyJson } from '#shared/kind/copyJson';
import type { KradleObject } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import { statusJsonSchema } from '#shared/kind/jsonSchema';
import { isPlainObject } from '#shared/kind/paths';
import { checkDocumentDepth, checkSize } from './limits';
import { normalize } from './normalize';
import { checkPreconditions, retryLostRaces, type NamedTarget, type ObjectAccess, type WritePathDeps, type WriteTarget } from './objectAccess';
import type { WriteOptions } from './resourceClient';
import { readDeclaredFields } from './schemaCauses';
import { parseStatus } from './statusShape';
import { withDistinctWarnings } from './warnings';
import { ownersAfterWrite, updateBy, type OwnersAfter } from './writePath';

/** The verbs that write a status and nothing else. */
export interface StatusWrites {
  mutateStatus(target: NamedTarget, change: (status: Record<string, unknown>, current: KradleObject) => void): Promise<KradleObject>;
  updateStatus(target: WriteTarget, input: unknown, opts: WriteOptions): Promise<KradleObject>;
  /** Stores another status of `current`, or finds that it is the same. */
  replaceStatus(target: NamedTarget, current: KradleObject, opts: { status: unknown; options: WriteOptions; ownersAfter: OwnersAfter }): Promise<KradleObject>;
}

export function createStatusWrites(deps: Pick<WritePathDeps, 'uuid' | 'now'>, access: ObjectAccess): StatusWrites {
  async function replaceStatus(target: NamedTarget, current: KradleObject, opts: { status: unknown; options: WriteOptions; ownersAfter: OwnersAfter }): Promise<KradleObject> {
    const object = { ...current, status: parseStatus(target.kind, current, opts.status) };
    checkSize(object);
    return access.commit({ ...target, verb: 'update-status' }, current, { object, owners: opts.ownersAfter(object), options: opts.options });
  }

  return {
    replaceStatus,
    async mutateStatus(target, change) {
      return retryLostRaces(async () => {
        const current = await access.loadToWrite(target, 'update-status');
        const status = copyJson(current.status ?? {});
        change(status, current);
        if (jsonEqual(status, current.status ?? {})) return current;
        const ownersAfter = ownersAfterWrite(current, { by: updateBy(target, {}, 'status'), now: deps.now() });
        return replaceStatus(target, current, { status, options: {}, ownersAfter });
      });
    },
    async updateStatus(target, input, opts) {
      checkDocumentDepth(input);
      const options = withDistinctWarnings(opts);
      const { fieldValidation, onWarning } = options;
      // The spec is not looked at: what is wrong with it does not matter here.
      const document = isPlainObject(input) ? { ...input, spec: undefined } : input;
      const { metadata, status = {} } = normalize(target.kind, target.org, { input: document, uuid: deps.uuid, fieldValidation, onWarning });
      const named = { ...target, name: metadata.name };
      return retryLostRaces(async () => {
        const current = await access.loadToWrite(named, 'update-status');
        checkPreconditions(named, current, metadata);
        const ownersAfter = ownersAfterWrite(current, { by: updateBy(target, options, 'status'), now: deps.now() });
        return replaceStatus(named, current, { status: declaredStatus(named, status, options), options, ownersAfter });
      });
    },
  };
}

/** A status that a client sent, without the fields that the kind does not have; told of, or refused, as the options say. */
export function declaredStatus(target: NamedTarget, status: unknown, { fieldValidation = 'strict', onWarning }: WriteOptions): unknown {
  const read = readDeclaredFields(statusJsonSchema(target.kind), status, 'status');
  if (fieldValidation === 'strict' && read.unknown.length > 0) throw invalidStatus(target, read.unknown);
  if (fieldValidation === 'warn') for (const { field = '' } of read.unknown) onWarning?.(`unknown field "${field}"`);
  return read.value;
}

function invalidStatus({ kind, name }: NamedTarget, causes: readonly StatusCause[]): StatusError {
  const shown = causes.slice(0, 3).map((cause) => cause.message).join('; ');
  return new StatusError('Invalid', `${kind.names.kind} "${name}" cannot have this status: ${shown}`, { causes: causes.slice(0, 100) });
}
