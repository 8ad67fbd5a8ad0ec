import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { allKinds } from '#shared/kinds/index';
import { throwAwayRegistry } from '../../../../test/harness/throwAwayKinds';
import { createKubeResources } from '../kubeResources';
import { servedVersions } from '../servedVersions';
import { openApiV2 } from './openApiV2';
import { encodeOpenApiV2 } from './openApiV2Protobuf';

const document = () => openApiV2(servedVersions(createKubeResources(throwAwayRegistry())), '1.2.3');

describe('openApiV2', () => {
  it('describes a kind once, with every group and name that it is served by', async () => {
    const { definitions } = await document();
    expect(Object.keys(definitions).filter((name) => /Shelf|Rack/.test(name))).toEqual(['ai.a5c.kradle.v1alpha1.Shelf', 'ai.a5c.kradle.v1alpha1.ShelfList']);
    expect(definitions['ai.a5c.kradle.v1alpha1.Shelf']?.['x-kubernetes-group-version-kind']).toEqual([
      { group: 'kradle.a5c.ai', version: 'v1alpha1', kind: 'Shelf' }, { group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Rack' }, { group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Shelf' },
    ]);
  });

  it('keeps what an older kubectl would refuse out of its validation', async () => {
    const { definitions } = await document();
    const box = definitions['ai.a5c.kradle.v1alpha1.Box']?.properties?.spec;
    expect(box?.properties?.extra).toEqual({ description: expect.any(String), 'x-kubernetes-preserve-unknown-fields': true });
    expect(box?.properties?.weightKg).toMatchObject({ type: 'number', minimum: 0 });
    expect(box).not.toHaveProperty('required');
  });

  it('refers to what there is', async () => {
    for (const each of [await document(), await openApiV2(servedVersions(createKubeResources(createKindRegistry(allKinds))), '1')]) {
      const references = [...JSON.stringify(each).matchAll(/"\$ref":"#\/(definitions|parameters)\/([^"]+)"/g)];
      expect(references.length).toBeGreaterThan(100);
      expect(references.filter(([, part, name = '']) => !Object.hasOwn(part === 'definitions' ? each.definitions : each.parameters, name)).map(([, , name]) => name)).toEqual([]);
    }
  });
});

describe('encodeOpenApiV2', () => {
  /** Numbers of github.com/google/gnostic, openapiv2/OpenAPIv2.proto, read here without the encoder's own table. */
  it('writes what gnostic reads', async () => {
    const bytes = await encodeOpenApiV2(await document());
    expect(textAt(bytes, [1])).toBe('2.0');
    expect([textAt(bytes, [2, 1]), textAt(bytes, [2, 2])]).toEqual(['Kradle', '1.2.3']);

    const shelf = named(messages(bytes, [9, 1]), 'ai.a5c.kradle.v1alpha1.Shelf');
    expect(textAt(shelf, [4])).toBe('Holds boxes');
    expect(textAt(shelf, [22, 1])).toBe('object');
    const [extension] = messages(shelf, [31]);
    expect(textAt(extension, [1])).toBe('x-kubernetes-group-version-kind');
    expect(JSON.parse(textAt(extension, [2, 2]))).toContainEqual({ group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Rack' });
    const spec = named(messages(shelf, [25, 1]), 'spec');
    expect(messages(named(messages(spec, [25, 1]), 'material'), [20, 2]).map((value) => JSON.parse(Buffer.from(value).toString()) as unknown)).toEqual(['oak', 'pine', 'steel']);
    expect(textAt(named(messages(shelf, [25, 1]), 'metadata'), [1])).toBe('#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');

    const item = named(messages(bytes, [8, 2]), '/apis/krate.a5c.ai/v1alpha1/namespaces/{namespace}/racks/{name}');
    const [patch] = messages(item, [8]);
    const parameters = messages(patch, [8, 1]);
    expect(messages(parameters[0], [1]).map((body) => textAt(body, [2]))).toEqual(['body']);
    expect(parameters.slice(1).map((parameter) => textAt(parameter, [2, 3, 4]))).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(messages(patch, [13]).map((each) => textAt(each, [1]))).toEqual(['x-kubernetes-action', 'x-kubernetes-group-version-kind']);
  });
});

/** The values of length-delimited fields of a message, by number. */
function fields(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else {
      const length = varint();
      if (tag >> 3 === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}

function messages(message: Uint8Array | undefined, path: readonly number[]): Uint8Array[] {
  return path.reduce<Uint8Array[]>((found, number) => found.flatMap((each) => fields(each, number)), message === undefined ? [] : [message]);
}

function textAt(message: Uint8Array | undefined, path: readonly number[]): string {
  return Buffer.from(messages(message, path)[0] ?? []).toString();
}

function named(entries: readonly Uint8Array[], name: string): Uint8Array | undefined {
  return messages(entries.find((entry) => textAt(entry, [1]) === name), [2])[0];
}
