import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { organizationRef, refTo, timestamp } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { computeResources, resourcesWithText } from './containerFields';

/** Source: seeds, 003 section 9.1. Rules between fields: `inferenceStrategies.ts`. */
export const KradleInferenceService = defineKind({
  names: { kind: 'KradleInferenceService', plural: 'kradleinferenceservices', singular: 'kradleinferenceservice', shortNames: ['kisvc'], title: 'Inference services' },
  context: 'inference',
  storage: 'config',
  placement: 'org',
  purpose: 'Served model behind an endpoint of its own, carried out as a KServe InferenceService in cluster mode',
  upgrade: (spec) => (isPlainObject(spec.predictor) && spec.predictor.resources !== undefined ? { ...spec, predictor: { ...spec.predictor, resources: resourcesWithText(spec.predictor.resources) } } : { ...spec }),
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What the service is for.'),
    predictor: z.object({
      model: z.object({
        modelFormat: z.object({
          name: z.enum(['sklearn', 'xgboost', 'lightgbm', 'tensorflow', 'pytorch', 'onnx', 'triton', 'huggingface', 'custom']).describe('What the model was made with.'),
          version: z.string().max(63).optional().describe('Version of the format, where the runtime tells them apart.'),
        }),
        storageUri: z.string().max(2048).regex(/^[a-z][a-z0-9+.-]*:\/\/[\x21-\x2e\x30-\x3f\x41-\x7e]*(?:\/[\x21-\x7e]*)?$/, 'must be an address such as s3://bucket/model, gs://bucket/model, pvc://claim/path or https://host/path, without a user or password in it')
          .describe('Where the model\'s files lie: s3://bucket/model.'),
        runtime: refTo('KradleServingRuntime').optional().describe('The KradleServingRuntime that serves it; absent means one that takes the format by itself.'),
        protocolVersion: z.enum(['v1', 'v2']).default('v2').describe('How it is asked: v1 is /v1/models/NAME:predict, v2 is /v2/models/NAME/infer.'),
      }),
      resources: computeResources.optional().describe('What each replica may use; absent means 1 cpu and 2Gi.'),
      minReplicas: z.number().int().min(0).max(1000).optional().describe('Replicas that are always there; 0 lets it stop when nobody asks.'),
      maxReplicas: z.number().int().min(1).max(1000).optional(),
    }).describe('The model, and what it needs to run.'),
    features: z.record(z.string(), z.unknown()).optional().describe('Feature flags of the service.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Failed']).optional(),
    url: z.string().optional().describe('Where it answers, once it is ready.'),
    message: z.string().optional().describe('Why the phase is what it is.'),
    readyAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Format', path: 'spec.predictor.model.modelFormat.name', type: 'string' },
    { name: 'Runtime', path: 'spec.predictor.model.runtime', type: 'ref' },
    { name: 'Model', path: 'spec.predictor.model.storageUri', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Address', path: 'status.url', type: 'string' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.predictor.model.runtime', kind: 'KradleServingRuntime' }],
  search: ['spec.displayName', 'spec.predictor.model.storageUri', 'spec.predictor.model.modelFormat.name'],
  form: {
    'predictor.model.storageUri': { placeholder: 's3://bucket/model' },
    features: { advanced: true },
    'predictor.minReplicas': { advanced: true },
    'predictor.maxReplicas': { advanced: true },
  },
});
