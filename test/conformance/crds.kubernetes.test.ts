import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindCrd } from '../../shared/kind/crd';
import type { AnyKind } from '../../shared/kind/defineKind';
import { specJsonSchema, statusJsonSchema, type JsonSchema } from '../../shared/kind/jsonSchema';
import { API_VERSION } from '../../shared/kind/objectMeta';
import { allKinds } from '../../shared/kinds/index';
import { arbitraryOf } from '../harness/arbitraryOf';
import { eventually } from '../harness/eventually';
import { startKubeApiServer, type KubeApiServer } from '../harness/kubeApiServer';
import { throwAwayKinds } from '../harness/throwAwayKinds';

const assets = process.env.KUBEBUILDER_ASSETS;

/** Kubernetes 1.20 reads an empty string within a list of objects as null, and refuses it. */
function withoutEmptyStrings(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const isOpenString = typeof value === 'object' && value !== null && 'type' in value && value.type === 'string' && !('minLength' in value);
    return isOpenString ? { ...value, minLength: 1 } : value;
  }) as JsonSchema;
}

/** What the derivation says is structural, a real API server says too. Without `KUBEBUILDER_ASSETS` it is skipped. */
describe.skipIf(assets === undefined)('CRDs on a real kube-apiserver', () => {
  let server: KubeApiServer;
  beforeAll(async () => {
    server = await startKubeApiServer(assets ?? '');
  }, 120_000);
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([...allKinds, ...throwAwayKinds].map((kind) => ({ name: kind.names.kind, kind })))('takes $name, its objects and their status', async ({ kind }) => {
    const created = await server.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', kindCrd(kind));
    expect(created, JSON.stringify(created.body)).toMatchObject({ status: 201 });
    await eventually(`the CRD of ${kind.names.kind}`, async () => {
      const { body } = await server.request('GET', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kindCrd(kind).metadata.name}`);
      const conditions = (body as { status?: { conditions?: { type: string; status: string; message: string }[] } }).status?.conditions ?? [];
      const wrong = conditions.find(({ type, status }) => type === 'NonStructuralSchema' && status === 'True');
      expect(wrong?.message).toBeUndefined();
      return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
    });
    await roundTrip(kind);
  });

  /** Objects of all shapes that the kind allows come back from the server as they were sent: nothing is refused, nothing pruned. */
  async function roundTrip(kind: AnyKind): Promise<void> {
    const path = `/apis/${API_VERSION}/namespaces/default/${kind.names.plural}`;
    const samples = fc.sample(fc.tuple(arbitraryOf(withoutEmptyStrings(specJsonSchema(kind))), arbitraryOf(withoutEmptyStrings(statusJsonSchema(kind)))), { numRuns: 5, seed: 1 });
    for (const [index, [input, status]] of samples.entries()) {
      const spec: unknown = JSON.parse(JSON.stringify(kind.spec.parse(input)));
      const name = `sample-${index}`;
      const object = { apiVersion: API_VERSION, kind: kind.names.kind, metadata: { name }, spec };
      // A definition is served a moment after it is established.
      const created = await eventually(`the resource ${kind.names.plural}`, async () => {
        const answer = await server.request('POST', path, object);
        return answer.status === 404 ? undefined : answer;
      });
      expect(created, JSON.stringify(created.body)).toMatchObject({ status: 201 });
      expect((created.body as { spec: unknown }).spec).toEqual(spec);
      const updated = await server.request('PUT', `${path}/${name}/status`, { ...(created.body as object), status });
      expect(updated, JSON.stringify(updated.body)).toMatchObject({ status: 200 });
      expect((updated.body as { status: unknown }).status).toEqual(JSON.parse(JSON.stringify(status)));
    }
  }
});
