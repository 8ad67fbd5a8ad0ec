import { z } from 'zod';
import { orgParam } from '#shared/api/paging';
import {
  configMapInput, configMapView, createConfigGrantInput, createSecretGrantInput, createSecretInput, deletedData, grantList, listConfigMapsOutput, listSecretsInput, listSecretsOutput,
  putConfigMapInput, putSecretInput, rollbackSecretInput, rotationState, secretInput, secretVersions, secretView, writtenConfigMap, writtenSecret,
} from '#shared/api/secrets';
import { anyObject } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { procedure, router } from '../../rpc/trpc';
import type { Actor } from '../../resources/actor';
import { ConfigMap } from './configMap';
import type { ConfigMapVerbs } from './configMapVerbs';
import { createConfigGrant, createSecretGrant, listGrants } from './grantVerbs';
import { Secret } from './secret';
import type { SecretRotation } from './secretRotation';
import type { SecretVerbs } from './secretVerbs';

const SECRETS = '/api/orgs/{org}/secrets' as const;
const CONFIG_MAPS = '/api/orgs/{org}/configmaps' as const;
const AGENTS = '/api/orgs/{org}/agents' as const;
const TAGS = ['Secrets'];
const CREATED = { anyOf: [200, 201], choose: ({ created }: { created: boolean }) => (created ? 201 : 200) };

export function createSecretsRouter(verbs: SecretVerbs, rotation: SecretRotation) {
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: SECRETS, tags: TAGS, summary: 'List secrets: names of keys, never values' } })
      .input(listSecretsInput)
      .output(listSecretsOutput)
      .query(async ({ input, ctx: { resources } }) => both(await verbs.list(resources, input.org))),

    get: procedure
      .meta({ openapi: { method: 'GET', path: `${SECRETS}/{name}`, tags: TAGS, summary: 'Get a secret: names of keys, never values' } })
      .input(secretInput)
      .output(secretView)
      .query(({ input, ctx: { resources } }) => verbs.get(resources, input)),

    create: procedure
      .meta({ openapi: { method: 'POST', path: SECRETS, tags: TAGS, summary: 'Create a secret' }, successStatus: 201 })
      .input(createSecretInput)
      .output(writtenSecret)
      .mutation(({ input, ctx: { resources } }) => verbs.create(resources, input)),

    put: procedure
      .meta({ openapi: { method: 'PUT', path: `${SECRETS}/{name}`, tags: TAGS, summary: 'Write a new version of a secret' }, successStatus: CREATED })
      .input(putSecretInput)
      .output(writtenSecret)
      .mutation(({ input, ctx: { resources } }) => verbs.put(resources, input)),

    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: `${SECRETS}/{name}`, tags: TAGS, summary: 'Delete a secret with all its versions' } })
      .input(secretInput)
      .output(deletedData)
      .mutation(async ({ input, ctx: { resources } }) => {
        await verbs.delete(resources, input);
        return { deleted: true as const, name: input.name, kind: Secret.names.kind };
      }),

    versions: procedure
      .meta({ openapi: { method: 'GET', path: `${SECRETS}/{name}/versions`, tags: TAGS, summary: 'List the versions of a secret that are kept, the newest first' } })
      .input(secretInput)
      .output(secretVersions)
      .query(({ input, ctx: { resources } }) => verbs.versions(resources, input)),

    rollback: procedure
      .meta({ openapi: { method: 'POST', path: `${SECRETS}/{name}/rollback`, tags: TAGS, summary: 'Make the values of an earlier version a new one' } })
      .input(rollbackSecretInput)
      .output(writtenSecret)
      .mutation(({ input, ctx: { resources } }) => verbs.rollback(resources, input)),

    grants: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/secret-grants', tags: TAGS, summary: 'List grants of secrets' } })
      .input(orgParam)
      .output(grantList)
      .query(({ input, ctx: { resources } }) => listGrants(resources, AgentSecretGrant, input.org)),

    createGrant: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/secret-grants', tags: TAGS, summary: 'Let somebody use a secret' }, successStatus: 201 })
      .input(createSecretGrantInput)
      .output(anyObject)
      .mutation(({ input, ctx: { resources } }) => createSecretGrant(resources, input)),

    ofAgents: procedure
      .meta({ openapi: { method: 'GET', path: `${AGENTS}/secrets`, tags: TAGS, summary: 'List secrets that agents can be given: names of keys, never values' } })
      .input(listSecretsInput)
      .output(listSecretsOutput)
      .query(async ({ input, ctx: { resources } }) => both(await verbs.list(resources, input.org))),

    grantToAgent: procedure
      .meta({ openapi: { method: 'POST', path: `${AGENTS}/secrets/grants`, tags: TAGS, summary: 'Let an agent, or a part of one, use a secret' }, successStatus: 201 })
      .input(createSecretGrantInput)
      .output(anyObject)
      .mutation(({ input, ctx: { resources } }) => createSecretGrant(resources, input)),

    rotation: procedure
      .meta({ openapi: { method: 'GET', path: '/api/system/keys', tags: TAGS, summary: 'The keys of this installation, by id, and how many values each wraps' } })
      .input(z.object({}))
      .output(rotationState)
      .query(({ ctx: { actor } }) => {
        requireInstallation(actor);
        return rotation.state();
      }),

    rotate: procedure
      .meta({ openapi: { method: 'POST', path: '/api/system/keys/rotate', tags: TAGS, summary: 'Make a new key of the installation; what is stored follows in the background' } })
      .input(z.object({}))
      .output(rotationState)
      .mutation(async ({ ctx: { actor } }) => {
        requireInstallation(actor);
        const state = await rotation.rotate();
        await actor.trail?.note(actor, { verb: 'rotate-keys', kind: Secret.names.kind, org: 'default', outcome: 'allowed', rule: 'installation-administrator', details: { key: state.currentKey } });
        return state;
      }),
  });
}

export function createConfigMapsRouter(verbs: ConfigMapVerbs) {
  const tags = ['Config maps'];
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: CONFIG_MAPS, tags, summary: 'List config maps' } })
      .input(orgParam)
      .output(listConfigMapsOutput)
      .query(async ({ input, ctx: { resources } }) => {
        const items = await verbs.list(resources, input.org);
        return { configMaps: items, items };
      }),

    get: procedure
      .meta({ openapi: { method: 'GET', path: `${CONFIG_MAPS}/{name}`, tags, summary: 'Get a config map' } })
      .input(configMapInput)
      .output(configMapView)
      .query(({ input, ctx: { resources } }) => verbs.get(resources, input)),

    put: procedure
      .meta({ openapi: { method: 'PUT', path: `${CONFIG_MAPS}/{name}`, tags, summary: 'Write a config map' }, successStatus: CREATED })
      .input(putConfigMapInput)
      .output(writtenConfigMap)
      .mutation(({ input, ctx: { resources } }) => verbs.put(resources, input)),

    delete: procedure
      .meta({ openapi: { method: 'DELETE', path: `${CONFIG_MAPS}/{name}`, tags, summary: 'Delete a config map' } })
      .input(configMapInput)
      .output(deletedData)
      .mutation(async ({ input, ctx: { resources } }) => {
        await verbs.delete(resources, input);
        return { deleted: true as const, name: input.name, kind: ConfigMap.names.kind };
      }),

    ofAgents: procedure
      .meta({ openapi: { method: 'GET', path: `${AGENTS}/configmaps`, tags, summary: 'List config maps that agents can be given' } })
      .input(orgParam)
      .output(listConfigMapsOutput)
      .query(async ({ input, ctx: { resources } }) => {
        const items = await verbs.list(resources, input.org);
        return { configMaps: items, items };
      }),

    grants: procedure
      .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/config-grants', tags, summary: 'List grants of config maps' } })
      .input(orgParam)
      .output(grantList)
      .query(({ input, ctx: { resources } }) => listGrants(resources, AgentConfigGrant, input.org)),

    createGrant: procedure
      .meta({ openapi: { method: 'POST', path: `${AGENTS}/config/grants`, tags, summary: 'Let an agent, or a part of one, read a config map' }, successStatus: 201 })
      .input(createConfigGrantInput)
      .output(anyObject)
      .mutation(({ input, ctx: { resources } }) => createConfigGrant(resources, input)),
  });
}

function both<T>(items: T[]): { secrets: T[]; items: T[] } {
  return { secrets: items, items };
}

/** The keys are everybody's. */
function requireInstallation(actor: Actor): void {
  if (actor.orgs === '*' && actor.kind === 'user' && (actor.limits === undefined || (actor.limits.org === undefined && actor.limits.scopes.includes('admin')))) return;
  throw new StatusError('Forbidden', 'The keys belong to the whole installation: only its administrators see and rotate them');
}
