import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isStatusError } from '../../shared/api/status';
import { kindCrd } from '../../shared/kind/crd';
import { defineKind, type KradleObject } from '../../shared/kind/defineKind';
import { API_VERSION } from '../../shared/kind/objectMeta';
import { appliedFields } from '../../src-server/resources/ownership/compareFields';
import { intersection, pathsOf } from '../../src-server/resources/ownership/fieldSet';
import { ownersOfFields } from '../../src-server/resources/ownership/managedFields';
import { ownedPart } from '../../src-server/resources/ownership/ownedPart';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import { eventually } from '../harness/eventually';
import { startKubeApiServer, type KubeApiServer } from '../harness/kubeApiServer';
import { createTestResources } from '../harness/testResources';

const assets = process.env.KUBEBUILDER_ASSETS;

const Parcel = defineKind({
  names: { kind: 'Parcel', plural: 'parcels', singular: 'parcel', title: 'Parcels' },
  context: 'forge', storage: 'config', placement: 'platform', purpose: 'Is written by many hands',
  spec: () => z.object({
    weight: z.number().int().optional(),
    label: z.string().optional(),
    sender: z.object({ name: z.string().optional(), id: z.string().optional(), address: z.object({ id: z.string().optional(), street: z.string().optional(), city: z.string().optional() }).optional() }).optional(),
    stamps: z.array(z.string()).optional(),
    extra: z.record(z.string(), z.unknown()).optional(),
  }),
  status: () => z.object({}),
  columns: [],
});

interface Step {
  readonly by: string;
  readonly how: 'apply' | 'force' | 'merge';
  readonly document: { readonly metadata?: object; readonly spec: object };
}

/** What a step led to: the object's own fields and who owns which of them, or the fields that are in conflict. */
interface Outcome {
  readonly code: number;
  readonly spec?: unknown;
  readonly labels?: unknown;
  readonly finalizers?: unknown;
  readonly owners?: Readonly<Record<string, readonly string[]>>;
  readonly conflicts?: readonly string[];
}

const word = fc.constantFrom('a', 'b', 'c');
/** An object with nothing in it is nobody's for this version of Kubernetes. */
const filled = <T extends object>(objects: fc.Arbitrary<T>): fc.Arbitrary<T> => objects.filter((object) => Object.keys(object).length > 0);
const spec = fc.record({
  weight: fc.integer({ min: 1, max: 3 }),
  label: word,
  sender: filled(fc.record({ name: word, address: filled(fc.record({ street: word, city: word }, { requiredKeys: [] })) }, { requiredKeys: [] })),
  stamps: fc.array(word, { maxLength: 2 }),
  // Objects in there are one value for this version of Kubernetes, and fields for later ones and for us.
  extra: fc.dictionary(word, fc.oneof(word, fc.array(word, { maxLength: 2 })), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
}, { requiredKeys: [] });
const metadata = fc.record({ labels: fc.dictionary(word, word, { minKeys: 1, maxKeys: 2, noNullPrototype: true }), finalizers: fc.uniqueArray(fc.constantFrom('x.y/a', 'x.y/b'), { minLength: 1 }) }, { requiredKeys: [] });
const step: fc.Arbitrary<Step> = fc.record({
  by: fc.constantFrom('ada', 'bob', 'eve'),
  how: fc.constantFrom('apply', 'apply', 'force', 'merge'),
  document: fc.record({ metadata, spec }, { requiredKeys: ['spec'] }),
});

/**
 * The same applies and patches, in the same order, against our write path and a real kube-apiserver with the kind's CRD: the same objects,
 * the same owners, the same conflicts. Without `KUBEBUILDER_ASSETS` it is skipped.
 */
describe.skipIf(assets === undefined)('server-side apply beside a real kube-apiserver', () => {
  let server: KubeApiServer;
  let resources: ResourceClient;
  beforeAll(async () => {
    server = await startKubeApiServer(assets ?? '');
    ({ resources } = await createTestResources({ kinds: [Parcel] }));
    await server.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kradle-system' } });
    expect((await server.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', kindCrd(Parcel))).status).toBe(201);
    await eventually('the definition', async () => (await server.request('GET', `/apis/${API_VERSION}/parcels`)).status === 200, { timeoutMs: 60_000 });
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());

  it('does the same, step by step', async () => {
    let runs = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      runs += 1;
      const name = `parcel-${runs}`;
      // This version of Kubernetes makes null of an object whose last field goes, and then refuses it.
      const whole = { metadata: { labels: { root: 'r' } }, spec: { weight: 9, sender: { id: '1', address: { id: '2' } }, extra: { root: 'r' } } };
      const first: Step = { by: 'root', how: 'apply', document: whole };
      for (const [index, each] of [first, ...steps].entries()) {
        const [ours, theirs] = [await here(name, each), await there(name, each)];
        expect({ index, each, ...ours }).toEqual({ index, each, ...theirs });
      }
    }), { numRuns: 60 });
  }, 300_000);

  async function here(name: string, { by, how, document }: Step): Promise<Outcome> {
    try {
      const change = how === 'merge' ? { type: 'merge' as const, patch: document } : { type: 'apply' as const, object: document, force: how === 'force' };
      const { object } = await resources.patch(Parcel, { org: name, name }, change, { fieldManager: by });
      return outcomeOf(200, object);
    } catch (error) {
      if (!isStatusError(error)) throw error;
      return { code: error.httpStatus, conflicts: conflictsOf(error.details.causes ?? []) };
    }
  }

  async function there(name: string, { by, how, document }: Step): Promise<Outcome> {
    const contentType = how === 'merge' ? 'application/merge-patch+json' : 'application/apply-patch+yaml';
    const path = `/apis/${API_VERSION}/namespaces/kradle-system/parcels/${name}?fieldManager=${by}${how === 'force' ? '&force=true' : ''}`;
    const { status, body } = await patch({ url: server.url + path, token: server.token, contentType, body: { apiVersion: API_VERSION, kind: 'Parcel', ...document, metadata: { name, ...document.metadata } } });
    if (status < 300) return outcomeOf(200, body as KradleObject);
    const causes = (body as { details?: { causes?: { message: string; field?: string }[] } }).details?.causes ?? [];
    return { code: status, conflicts: conflictsOf(causes) };
  }
});

/** With the place that a field is in: this version of Kubernetes names one field of a place twice, and not the other. */
function conflictsOf(causes: readonly { message: string; field?: string | undefined }[]): string[] {
  return causes.map(({ message, field = '' }) => `${message} ${field.replace(/\.[^.]*$/, '')}`).sort();
}

function outcomeOf(code: number, object: KradleObject): Outcome {
  const fields = appliedFields(ownedPart(object));
  const owners = ownersOfFields(object.metadata).map((entry) => [`${entry.manager} ${entry.operation}`, pathsOf(intersection(entry.fieldsV1, fields)).sort()] as const);
  const { labels, finalizers } = object.metadata;
  return { code, spec: object.spec, labels, finalizers: finalizers === undefined ? undefined : [...finalizers].sort(), owners: Object.fromEntries(owners.filter(([, paths]) => paths.length > 0)) };
}

function patch(opts: { url: string; token: string; contentType: string; body: unknown }): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(opts.url, {
      method: 'PATCH',
      // The server signs its own certificate at start.
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${opts.token}`, 'content-type': opts.contentType, accept: 'application/json' },
    }, (incoming) => {
      text(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(body) as unknown }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end(JSON.stringify(opts.body));
  });
}
