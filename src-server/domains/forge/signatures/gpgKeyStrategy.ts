import type { StatusCause } from '#shared/api/status';
import { GPGKey } from '#shared/kinds/forge/gpgKey';
import { User } from '#shared/kinds/identity/user';
import { requireAlso } from '../../../resources/requireAlso';
import { defineStrategy } from '../../../resources/strategy';
import { parsePgpKey } from './pgpKey';

/** The key has to be a public one, unknown so far, and somebody's. */
export const gpgKeyStrategy = defineStrategy<typeof GPGKey>({
  kind: GPGKey,
  prepare(draft, { operation, actor }) {
    if (operation === 'create' && draft.spec.owner === undefined && actor.kind === 'user') draft.spec.owner = actor.name;
  },
  async validate(object, ctx) {
    const { operation, actor, current, org, resources } = ctx;
    const causes: StatusCause[] = [];
    const { owner, key } = object.spec;
    // What the key signs counts as its owner's word: who names another must be one who could change that account anyway.
    const isOwn = actor.kind === 'user' && owner === actor.name;
    if (owner !== undefined && owner !== current?.spec.owner && !isOwn) await requireAlso(ctx, 'update', { kind: User, org, name: owner });
    if (owner === undefined) causes.push({ code: 'FieldValueRequired', field: 'spec.owner', message: 'a GPG key names its owner' });
    const parsed = await parsePgpKey(key);
    if ('problem' in parsed) return [...causes, { code: 'FieldValueInvalid', field: 'spec.key', message: `this is not a public GPG key: ${parsed.problem}` }];
    if (operation === 'create') {
      const { items } = await resources.list(GPGKey, { org });
      for (const other of items) {
        const theirs = await parsePgpKey(other.spec.key);
        if ('problem' in theirs || !theirs.keyIds.some((id) => parsed.keyIds.includes(id))) continue;
        causes.push({ code: 'FieldValueDuplicate', field: 'spec.key', message: `this key is already there, as "${other.metadata.name}"; delete that one to add the key anew` });
        break;
      }
    }
    return causes;
  },
  canonicalize(object) {
    object.spec.key = `${object.spec.key.trim().replace(/\r\n/g, '\n')}\n`;
  },
});
