import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { kindCrd } from '../../shared/kind/crd';
import type { AnyKind } from '../../shared/kind/defineKind';
import { specJsonSchema, statusJsonSchema, type JsonSchema } from '../../shared/kind/jsonSchema';
import { API_GROUP, API_VERSION } from '../../shared/kind/objectMeta';
import { formatPath } from '../../shared/kind/paths';
import { allKinds } from '../../shared/kinds/index';
import { arbitraryOf } from '../harness/arbitraryOf';
import { eventually } from '../harness/eventually';
import { startKubeApiServer, type KubeAnswer, type KubeApiServer } from '../harness/kubeApiServer';
import { mutate, mutationsOf, packMutations, type Mutation } from '../harness/schemaMutations';
import { throwAwayKinds } from '../harness/throwAwayKinds';

const assets = process.env.KUBEBUILDER_ASSETS;
const kinds = [...allKinds, ...throwAwayKinds].map((kind) => ({ name: kind.names.kind, kind }));
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Definition {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[] };
}

/**
 * What admission takes, a real API server with our CRDs takes, and what one refuses the other refuses for the same fields; `CRD_LIMITS`
 * (`shared/kind/crdLimits.ts`) has the exceptions, and nothing that is generated here is one of them. Without `KUBEBUILDER_ASSETS` it
 * is skipped.
 */
describe.skipIf(assets === undefined)('CRDs on a real kube-apiserver', () => {
  let server: KubeApiServer;
  beforeAll(async () => {
    server = await startKubeApiServer(assets ?? '');
    await Promise.all(kinds.map(async ({ kind }) => {
      const created = await server.request('POST', DEFINITIONS, kindCrd(kind));
      expect(created, JSON.stringify(created.body)).toMatchObject({ status: 201 });
    }));
    // What discovery names is established; the definitions themselves are megabytes.
    await eventually('every definition', async () => {
      const { resources } = (await server.request('GET', `/apis/${API_VERSION}`)).body as { resources?: { name: string }[] };
      return resources?.filter(({ name }) => !name.includes('/')).length === kinds.length;
    }, { timeoutMs: 120_000 });
  }, 240_000);
  afterAll(() => server[Symbol.asyncDispose]());

  it('are structural', async () => {
    const { items } = (await server.request('GET', DEFINITIONS)).body as { items: Definition[] };
    expect(items.map((each) => each.metadata.name).sort()).toEqual(kinds.map(({ kind }) => `${kind.names.plural}.${API_GROUP}`).sort());
    expect(items.flatMap((each) => (conditionOf(each, 'NonStructuralSchema')?.status === 'True' ? [conditionOf(each, 'NonStructuralSchema')?.message] : []))).toEqual([]);
  });

  /** Objects of all shapes that the kind allows come back from the server as they were sent: nothing is refused, nothing pruned. */
  it.each(kinds)('take $name, its objects and their status', async ({ kind }) => {
    const samples = fc.sample(fc.tuple(arbitraryOf(sampledSchema(specJsonSchema(kind))), arbitraryOf(sampledSchema(statusJsonSchema(kind)))), { numRuns: 5, seed: 1 });
    await Promise.all(samples.map(async ([input, status], index) => {
      const spec = asJson(kind.spec.parse(input));
      const created = await create(kind, { name: `sample-${index}`, spec });
      expect(created, JSON.stringify(created.body)).toMatchObject({ status: 201 });
      expect((created.body as { spec: unknown }).spec).toEqual(spec);
      const updated = await server.request('PUT', `${pathOf(kind)}/sample-${index}/status`, { ...(created.body as object), status });
      expect(updated, JSON.stringify(updated.body)).toMatchObject({ status: 200 });
      expect((updated.body as { status: unknown }).status).toEqual(asJson(status));
    }));
  });

  it.each(kinds)('refuse of $name what admission refuses, field by field', async ({ kind }) => {
    const [sample] = fc.sample(fc.tuple(arbitraryOf(sampledSchema(specJsonSchema(kind)), { complete: true }), arbitraryOf(sampledSchema(statusJsonSchema(kind)), { complete: true })), { numRuns: 1, seed: 2 });
    const spec = asJson(kind.spec.parse(sample?.[0]));
    const status = asJson(sample?.[1]);
    const created = await create(kind, { name: 'whole', spec });
    expect(created, JSON.stringify(created.body)).toMatchObject({ status: 201 });
    const parts = [
      { part: 'spec', valid: spec, declared: specJsonSchema(kind), schema: kind.spec, send: (value: unknown) => create(kind, { name: 'wrong', spec: value, dryRun: true }) },
      {
        part: 'status', valid: status, declared: statusJsonSchema(kind), schema: kind.object.shape.status.unwrap(),
        send: (value: unknown) => server.request('PUT', `${pathOf(kind)}/whole/status?dryRun=All`, { ...(created.body as object), status: value }),
      },
    ] as const;
    for (const { part, valid, declared, schema, send } of parts) {
      const rounds = packMutations(mutationsOf(declared, valid, [part]));
      await Promise.all(rounds.map(async (round) => {
        const wrong = (mutate({ [part]: valid }, round) as Record<string, unknown>)[part];
        const answer = await send(wrong);
        expect({ there: refusedThere(answer), answer: answer.status }, describeRound(round, answer)).toEqual({ there: refusedHere(schema, wrong, part), answer: 422 });
        expect(refusedHere(schema, wrong, part)).toEqual(fieldsOf(round));
      }));
    }
  });

  async function create(kind: AnyKind, { name, spec, dryRun = false }: { name: string; spec: unknown; dryRun?: boolean }): Promise<KubeAnswer> {
    const path = `${pathOf(kind)}${dryRun ? '?dryRun=All' : ''}`;
    // A definition is served a moment after it is established.
    return eventually(`the resource ${kind.names.plural}`, async () => {
      const answer = await server.request('POST', path, { apiVersion: API_VERSION, kind: kind.names.kind, metadata: { name }, spec });
      return answer.status === 404 ? undefined : answer;
    });
  }
});

function pathOf(kind: AnyKind): string {
  return `/apis/${API_VERSION}/namespaces/default/${kind.names.plural}`;
}

/** Kubernetes 1.20 reads an empty string within a list of objects as null, and refuses it. */
function sampledSchema(schema: JsonSchema): JsonSchema {
  return asJson(schema, (_key, value: unknown) => {
    const isOpenString = typeof value === 'object' && value !== null && 'type' in value && value.type === 'string' && !('minLength' in value);
    return isOpenString ? { ...value, minLength: 1 } : value;
  }) as JsonSchema;
}

function asJson(value: unknown, reviver?: (key: string, value: unknown) => unknown): unknown {
  return JSON.parse(JSON.stringify(value), reviver);
}

function conditionOf(definition: Definition, type: string): { status: string; message: string } | undefined {
  return definition.status?.conditions?.find((each) => each.type === type);
}

/** Fields that the server names as wrong. */
function refusedThere({ body }: KubeAnswer): string[] {
  const { details } = body as { details?: { causes?: { field: string }[] } };
  return sorted((details?.causes ?? []).map(({ field }) => field));
}

/** Fields that admission names as wrong. */
function refusedHere(schema: z.ZodType, value: unknown, part: string): string[] {
  return sorted((schema.safeParse(value).error?.issues ?? []).map((issue) => formatPath([part, ...issue.path])));
}

function fieldsOf(round: readonly Mutation[]): string[] {
  return sorted(round.map(({ path }) => formatPath(path)));
}

/** Without indices: whether the server writes them depends on its version. */
function sorted(fields: readonly string[]): string[] {
  return [...new Set(fields.map((field) => field.replaceAll(/\[\d+\]/g, '')))].sort();
}

function describeRound(round: readonly Mutation[], answer: KubeAnswer): string {
  const wrong = round.map(({ path, keyword }) => `${formatPath(path)} (${keyword})`).join(', ');
  return `${wrong}: ${(answer.body as { message?: string }).message ?? ''}`.slice(0, 4000);
}
