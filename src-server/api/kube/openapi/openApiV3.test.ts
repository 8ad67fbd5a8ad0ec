import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { allKinds } from '#shared/kinds/index';
import { throwAwayRegistry } from '../../../../test/harness/throwAwayKinds';
import { createKubeResources } from '../kubeResources';
import { groupVersionOf, servedVersions } from '../servedVersions';
import { openApiV3 } from './openApiV3';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name?: string; readonly $ref?: string }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': object;
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object>; readonly parameters: Record<string, object> };
}

const ITEM = '/apis/krate.a5c.ai/v1alpha1/namespaces/{namespace}/racks/{name}';

async function documentOf(group: string): Promise<Document> {
  const version = servedVersions(createKubeResources(throwAwayRegistry())).find((each) => each.group === group);
  if (version === undefined) throw new Error(`${group} is not served`);
  return (await openApiV3(version, '1.2.3')) as unknown as Document;
}

describe('openApiV3', () => {
  const versions = servedVersions(createKubeResources(createKindRegistry(allKinds)));
  it.each(versions.map((version) => [groupVersionOf(version), version] as const))('of %s is valid OpenAPI with references that resolve', async (_, version) => {
    const document = await openApiV3(version, '1.2.3');
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect([valid, errors ?? []]).toEqual([true, []]);
    const { schemas, parameters } = document.components as Document['components'];
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(schemas|parameters)\/([^"]+)"/g)];
    expect(references.filter(([, part, name = '']) => !Object.hasOwn(part === 'schemas' ? schemas : parameters, name)).map(([, , name]) => name)).toEqual([]);
  });

  it('gives every operation an id of its own', async () => {
    for (const version of versions) {
      const { paths } = (await openApiV3(version, '1')) as unknown as Document;
      const ids = Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ operationId }) => operationId ?? []));
      expect(ids).toEqual([...new Set(ids)]);
    }
  });

  it('says in the operation itself what a patch takes: kubectl looks there', async () => {
    const { patch } = (await documentOf('krate.a5c.ai')).paths[ITEM] ?? {};
    expect(patch?.parameters.map(({ name }) => name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(Object.keys(patch?.requestBody?.content ?? {})).toEqual(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']);
    expect([patch?.['x-kubernetes-action'], patch?.['x-kubernetes-group-version-kind']]).toEqual(['patch', { group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Rack' }]);
  });

  it('has the addresses and actions of a resource', async () => {
    const { paths } = await documentOf('krate.a5c.ai');
    const actions = Object.entries(paths).filter(([path]) => path.includes('/racks')).map(([path, item]) => [path.replace(/^.*v1alpha1/, ''), Object.values(item).flatMap((each) => each['x-kubernetes-action'] ?? [])]);
    expect(actions).toEqual([
      ['/racks', ['list']],
      ['/namespaces/{namespace}/racks', ['list', 'post', 'deletecollection']],
      ['/namespaces/{namespace}/racks/{name}', ['get', 'put', 'patch', 'delete']],
      ['/namespaces/{namespace}/racks/{name}/status', ['get', 'put', 'patch']],
    ]);
  });

  it('has the structural schema of a kind, with metadata in full and without what its namespace says', async () => {
    const { schemas } = (await documentOf('krate.a5c.ai')).components;
    expect(schemas['ai.a5c.krate.v1alpha1.Rack']).toMatchObject({
      description: 'Holds boxes',
      properties: {
        metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
        spec: { type: 'object', properties: { height: { type: 'integer', minimum: 1, maximum: 10, default: 3, description: 'Boards, from the floor up.' } } },
        status: { properties: { conditions: { type: 'array' } } },
      },
      'x-kubernetes-group-version-kind': [{ group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Rack' }],
    });
    expect(schemas['ai.a5c.krate.v1alpha1.Rack']).not.toHaveProperty('properties.spec.required');
    expect(schemas['ai.a5c.krate.v1alpha1.Box']).toHaveProperty('properties.spec.required', ['shelf']);
    expect(schemas['ai.a5c.krate.v1alpha1.RackList']).toMatchObject({ properties: { items: { items: { $ref: '#/components/schemas/ai.a5c.krate.v1alpha1.Rack' } } } });
  });
});
