import type { StatusCause } from '#shared/api/status';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { User } from '#shared/kinds/identity/user';
import { requireAlso } from '../../../resources/requireAlso';
import { defineStrategy } from '../../../resources/strategy';
import { parsePublicKey } from './publicKey';

/** The key has to be one, unknown so far, and belong to whom its scope says. */
export const sshKeyStrategy = defineStrategy<typeof SSHKey>({
  kind: SSHKey,
  prepare(draft, { operation, actor }) {
    if (operation === 'create' && draft.spec.scope === 'user' && draft.spec.owner === undefined && actor.kind === 'user') draft.spec.owner = actor.name;
  },
  async validate(object, ctx) {
    const { operation, actor, current, org, resources } = ctx;
    const causes: StatusCause[] = [];
    const { scope, owner, repository, key } = object.spec;
    // A key signs in as its owner: who names another must be one who could change that account anyway.
    const isOwn = actor.kind === 'user' && owner === actor.name;
    if (owner !== undefined && owner !== current?.spec.owner && !isOwn) await requireAlso(ctx, 'update', { kind: User, org, name: owner });
    if (scope === 'user' && owner === undefined) causes.push({ code: 'FieldValueRequired', field: 'spec.owner', message: 'a key of scope "user" names its owner' });
    if (scope === 'deploy' && repository === undefined) causes.push({ code: 'FieldValueRequired', field: 'spec.repository', message: 'a key of scope "deploy" names its repository' });
    const parsed = parsePublicKey(key);
    if ('problem' in parsed) return [...causes, { code: 'FieldValueInvalid', field: 'spec.key', message: `this is not a public key: ${parsed.problem}` }];
    if (operation === 'create') {
      const { items } = await resources.list(SSHKey, { org });
      const same = items.find((other) => {
        const theirs = parsePublicKey(other.spec.key);
        return !('problem' in theirs) && theirs.fingerprint === parsed.fingerprint;
      });
      if (same !== undefined) causes.push({ code: 'FieldValueDuplicate', field: 'spec.key', message: `this key is already there, as "${same.metadata.name}"; one key identifies one holder` });
    }
    return causes;
  },
  canonicalize(object) {
    object.spec.key = object.spec.key.trim();
  },
});
