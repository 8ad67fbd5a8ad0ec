import { z } from 'zod';
import { knownHostsName } from '#shared/api/sshCloneUrl';
import { addSshKeyInput, type SshKeyView, sshKeyView, sshServerView, type SshServerView } from '#shared/api/sshKeys';
import { StatusError } from '#shared/api/status';
import { objectName } from '#shared/kind/objectMeta';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import type { Actor } from '../../../resources/actor';
import { organizationOf } from '../../../resources/objectScope';
import { procedure, router } from '../../../rpc/trpc';
import type { ForgeContext } from '../forgeContext';
import type { SshDoor } from '../ssh/sshDoor';
import type { SSHKeyObject } from './keyIndex';
import { parsePublicKey } from './publicKey';

const TAGS = ['SSH'];
/** Organization that keeps the keys of who belongs to all. */
const USUAL_ORG = 'default';

/** What people do with their own keys, and how they know the server. */
export function createSshKeyRouter({ ctx, door }: { ctx: Pick<ForgeContext, 'clock'>; door: SshDoor | undefined }) {
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: '/api/user/ssh-keys', tags: TAGS, summary: 'Your SSH keys, of all your organizations' } })
      .input(z.object({}).default({}))
      .output(z.object({ keys: z.array(sshKeyView) }))
      .query(async ({ ctx: { actor, resources } }) => {
        const { items } = await resources.list(SSHKey, { org: '*', fieldSelector: `spec.scope=user,spec.owner=${person(actor)}` });
        return { keys: items.map((key) => viewOf(key, ctx.clock.now())).sort((left, right) => right.createdAt.localeCompare(left.createdAt)) };
      }),
    add: procedure
      .meta({ openapi: { method: 'POST', path: '/api/user/ssh-keys', tags: TAGS, summary: 'Add an SSH key of your own; it opens all your organizations' }, successStatus: 201 })
      .input(addSshKeyInput)
      .output(sshKeyView)
      .mutation(async ({ input, ctx: { actor, resources } }) => {
        const owner = person(actor);
        const { org = organizationFor(actor), key, title, ...rest } = input;
        const parsed = parsePublicKey(key);
        const called = title ?? ('problem' in parsed ? '' : parsed.comment);
        const created = await resources.create(SSHKey, org, { metadata: { name: '' }, spec: { organizationRef: org, scope: 'user', owner, key, ...(called === '' ? {} : { title: called.slice(0, 200) }), ...rest } });
        return viewOf(created, ctx.clock.now());
      }),
    remove: procedure
      .meta({ openapi: { method: 'DELETE', path: '/api/user/ssh-keys/{org}/{name}', tags: TAGS, summary: 'Remove one of your SSH keys; what it opened is closed at once' } })
      .input(z.object({ org: objectName, name: objectName }))
      .output(z.object({ done: z.literal(true) }))
      .mutation(async ({ input, ctx: { actor, resources } }) => {
        const found = await resources.get(SSHKey, input);
        if (found.spec.scope !== 'user' || found.spec.owner !== person(actor)) throw new StatusError('NotFound', `You have no key "${input.name}" there`);
        await resources.delete(SSHKey, input);
        return { done: true } as const;
      }),
    server: procedure
      .meta({ openapi: { method: 'GET', path: '/api/ssh', tags: TAGS, summary: 'Where git reaches this server over SSH, and the keys that it shows' } })
      .input(z.object({}).default({}))
      .output(sshServerView)
      .query((): SshServerView => {
        const address = door?.address();
        if (door === undefined || address === undefined) return { enabled: false, hostKeys: [] };
        const named = knownHostsName(address);
        return { enabled: true, address, hostKeys: door.hostKeys().map(({ type, fingerprint, publicKey }) => ({ type, fingerprint, publicKey, knownHosts: `${named} ${publicKey}` })) };
      }),
  });
}

function viewOf(object: SSHKeyObject, nowMs: number): SshKeyView {
  const { spec, status, metadata } = object;
  const parsed = parsePublicKey(spec.key);
  const expired = spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= nowMs;
  return {
    org: organizationOf(SSHKey, object),
    name: metadata.name,
    title: spec.title ?? metadata.name,
    type: 'problem' in parsed ? '' : parsed.type,
    fingerprint: 'problem' in parsed ? '' : parsed.fingerprint,
    usage: spec.usage,
    readOnly: spec.readOnly,
    phase: spec.revoked ? 'Revoked' : expired ? 'Expired' : 'Active',
    createdAt: metadata.creationTimestamp,
    ...(spec.expiresAt === undefined ? {} : { expiresAt: spec.expiresAt }),
    ...(status?.lastUsedAt === undefined ? {} : { lastUsedAt: status.lastUsedAt }),
    ...(status?.lastUsedFrom === undefined ? {} : { lastUsedFrom: status.lastUsedFrom }),
  };
}

function person(actor: Actor): string {
  if (actor.kind !== 'user') throw new StatusError('Forbidden', 'This is for people: a program\'s key is one of scope "automation" or "deploy"');
  return actor.name;
}

function organizationFor({ orgs, limits }: Actor): string {
  const org = limits?.org ?? (orgs === '*' || orgs.includes(USUAL_ORG) ? USUAL_ORG : orgs[0]);
  if (org === undefined) throw new StatusError('Forbidden', 'You belong to no organization yet, so there is nothing that a key could open');
  return org;
}
