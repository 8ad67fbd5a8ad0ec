import { beforeEach, expect, it } from 'vitest';
import { KradleInferenceService } from '#shared/kinds/inference/kradleInferenceService';
import { KradleServingRuntime } from '#shared/kinds/inference/kradleServingRuntime';
import { createKindResources, refusalOf, type KindResources } from '../../../test/harness/kindResources';
import { inferenceStrategies } from './inferenceStrategies';
import { parseQuantity } from './quantities';

let create: KindResources['create'];
beforeEach(async () => {
  ({ create } = await createKindResources(inferenceStrategies()));
});

const model = { modelFormat: { name: 'sklearn' }, storageUri: 's3://models/iris' };

it('a service is served by a runtime that takes its format', async () => {
  await create(KradleServingRuntime, 'torch', { supportedModelFormats: [{ name: 'pytorch', version: '2' }], containers: [{ image: 'torchserve:1' }] });
  const serve = (name: string, modelFormat: object) => create(KradleInferenceService, name, { predictor: { model: { ...model, modelFormat, runtime: 'torch' } } });
  await expect(serve('a', { name: 'sklearn' })).rejects.toThrow('the runtime "torch" does not serve sklearn; it serves pytorch 2');
  await expect(serve('a', { name: 'pytorch', version: '1' })).rejects.toMatchObject(refusalOf('spec.predictor.model.runtime'));
  await serve('a', { name: 'pytorch', version: '2' });
  await serve('b', { name: 'pytorch' });
  const service = await create(KradleInferenceService, 'c', { predictor: { model: { ...model, runtime: 'still-to-come' } } });
  expect(service.spec).toMatchObject({ predictor: { model: { protocolVersion: 'v2' } } });
});

it('what is kept free is at most what may be used; numbers of YAML are amounts', async () => {
  const service = await create(KradleInferenceService, 'a', { predictor: { model, resources: { limits: { cpu: 2, memory: '4Gi' }, requests: { cpu: '500m' } } } });
  expect(service.spec).toMatchObject({ predictor: { resources: { limits: { cpu: '2', memory: '4Gi' } } } });
  await expect(create(KradleInferenceService, 'b', { predictor: { model, resources: { limits: { memory: '4Gi' }, requests: { memory: '4100Mi' } }, minReplicas: 3, maxReplicas: 2 } }))
    .rejects.toMatchObject(refusalOf('spec.predictor.resources.requests.memory', 'spec.predictor.minReplicas'));
});

it('a container has names that differ, and variables with one source', async () => {
  const container = { name: 'main', image: 'x', env: [{ name: 'A', value: '1' }, { name: 'A', valueFrom: {} }, { name: 'B', value: '1', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] };
  await expect(create(KradleServingRuntime, 'a', { supportedModelFormats: [{ name: 'onnx' }], containers: [container, { name: 'main', image: 'y' }] })).rejects.toMatchObject(
    refusalOf('spec.containers[1].name', 'spec.containers[0].env[1].name', 'spec.containers[0].env[1].valueFrom', 'spec.containers[0].env[2]'),
  );
});

it('no model is fetched with a password in its address', async () => {
  await expect(create(KradleInferenceService, 'a', { predictor: { model: { ...model, storageUri: 'https://ada:hunter2@example.com/model' } } })).rejects.toMatchObject(refusalOf('spec.predictor.model.storageUri'));
  await create(KradleInferenceService, 'a', { predictor: { model: { ...model, storageUri: 'hf://org/model@main' } } });
});

it('reads quantities', () => {
  expect(['500m', '2', '1.5k', '2Gi', '3X', '1e3'].map(parseQuantity)).toEqual([0.5, 2, 1500, 2_147_483_648, Number.NaN, Number.NaN]);
});
