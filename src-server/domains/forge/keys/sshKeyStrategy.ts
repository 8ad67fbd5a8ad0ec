import type { StatusCause } from '#shared/api/status';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { normalizeName } from '#shared/kind/names';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { User } from '#shared/kinds/identity/user';
import { organizationOf } from '../../../resources/objectScope';
import { requireAlso } from '../../../resources/requireAlso';
import { defineStrategy, type AnyStrategy } from '../../../resources/strategy';
import type { KeyIndex, SSHKeyObject } from './keyIndex';
import { parsePublicKey, type PublicKey } from './publicKey';

/** The key has to be one, unknown so far in every organization, and belong to whom its scope says. */
export function sshKeyStrategy(index: KeyIndex): AnyStrategy {
  return defineStrategy<typeof SSHKey>({
    kind: SSHKey,
    defaultName(spec, { actor }) {
      const { key, title, owner, repository, serviceAccount } = spec as Partial<Record<string, unknown>>;
      const parsed = typeof key === 'string' ? parsePublicKey(key) : undefined;
      if (parsed === undefined || 'problem' in parsed) return undefined;
      const holder = [owner, repository, serviceAccount].find((each) => typeof each === 'string') ?? actor.name;
      const called = typeof title === 'string' && title !== '' ? title : parsed.comment.split('@').at(-1);
      // As much of the fingerprint as tells the keys of one holder apart.
      const mark = Buffer.from(parsed.fingerprint.slice('SHA256:'.length), 'base64').toString('hex').slice(0, 8);
      return normalizeName([holder, called, mark].filter(Boolean).map((part) => String(part).slice(0, 26)).join('-'));
    },
    prepare(draft, { operation, actor }) {
      if (operation === 'create' && draft.spec.scope === 'user' && draft.spec.owner === undefined && actor.kind === 'user') draft.spec.owner = actor.name;
    },
    async validate(object, ctx) {
      const { operation, actor, current, org } = ctx;
      const causes: StatusCause[] = [];
      const { scope, owner, repository, serviceAccount, key } = object.spec;
      // A key signs in as its owner: who names another must be one who could change that account anyway.
      const isOwn = actor.kind === 'user' && owner === actor.name;
      if (owner !== undefined && owner !== current?.spec.owner && !isOwn) await requireAlso(ctx, 'update', { kind: User, org, name: owner });
      // As good as a token of the service account.
      if (serviceAccount !== undefined && serviceAccount !== current?.spec.serviceAccount) await requireAlso(ctx, 'manage-tokens', { kind: AgentServiceAccount, org, name: serviceAccount });
      if (scope === 'user' && owner === undefined) causes.push({ code: 'FieldValueRequired', field: 'spec.owner', message: 'a key of scope "user" names its owner' });
      if (scope === 'deploy' && repository === undefined) causes.push({ code: 'FieldValueRequired', field: 'spec.repository', message: 'a key of scope "deploy" names its repository' });
      if (scope === 'automation' && serviceAccount === undefined && operation === 'create') causes.push({ code: 'FieldValueRequired', field: 'spec.serviceAccount', message: 'a key of scope "automation" names the service account that it acts as' });
      const parsed = parsePublicKey(key);
      if ('problem' in parsed) return [...causes, { code: 'FieldValueInvalid', field: 'spec.key', message: `this is not a public key: ${parsed.problem}` }];
      if (operation === 'create') causes.push(...(await takenCauses(index, parsed, { org, name: object.metadata.name })));
      return causes;
    },
    canonicalize(object) {
      object.spec.key = object.spec.key.trim();
    },
  });
}

/** One key identifies one holder, in all organizations together. Of another organization's, it is only said that there is one. */
async function takenCauses(index: KeyIndex, { fingerprint }: PublicKey, own: { readonly org: string; readonly name: string }): Promise<StatusCause[]> {
  const other = await index.find(fingerprint);
  if (other === undefined || isAt(other, own)) return [];
  const message = organizationOf(SSHKey, other) === own.org
    ? `this key is already there, as "${other.metadata.name}"${other.spec.revoked ? ', and revoked' : ''}; one key identifies one holder`
    : 'this key is in use already, and one key identifies one holder; a person\'s key works in all of their organizations. Make another: ssh-keygen -t ed25519';
  return [{ code: 'FieldValueDuplicate', field: 'spec.key', message }];
}

function isAt(key: SSHKeyObject, { org, name }: { readonly org: string; readonly name: string }): boolean {
  return organizationOf(SSHKey, key) === org && key.metadata.name === name;
}
