import type { StatusCause } from '#shared/api/status';
import { KradleInferenceService } from '#shared/kinds/inference/kradleInferenceService';
import { KradleServingRuntime } from '#shared/kinds/inference/kradleServingRuntime';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { parseQuantity } from './quantities';

/** Rules of served models between fields and between objects. */
export function inferenceStrategies(): readonly AnyStrategy[] {
  return [serviceStrategy, runtimeStrategy];
}

const serviceStrategy = defineStrategy<typeof KradleInferenceService>({
  kind: KradleInferenceService,
  async validate({ spec: { predictor } }, { org, resources }) {
    const { model, minReplicas, maxReplicas } = predictor;
    const causes = resourceCauses('spec.predictor.resources', predictor.resources);
    if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
      causes.push({ code: 'FieldValueInvalid', field: 'spec.predictor.minReplicas', message: `spec.predictor.minReplicas is ${minReplicas}; it must be at most maxReplicas, ${maxReplicas}` });
    }
    const runtime = model.runtime === undefined ? undefined : await resources.find(KradleServingRuntime, { org, name: model.runtime });
    if (runtime === undefined) return causes;
    const { name, version } = model.modelFormat;
    const serves = runtime.spec.supportedModelFormats.some((format) => format.name === name && (version === undefined || format.version === undefined || format.version === version));
    if (!serves) {
      const formats = runtime.spec.supportedModelFormats.map((format) => [format.name, format.version].filter(Boolean).join(' ')).join(', ');
      causes.push({ code: 'FieldValueNotSupported', field: 'spec.predictor.model.runtime', message: `the runtime "${model.runtime ?? ''}" does not serve ${[name, version].filter(Boolean).join(' ')}; it serves ${formats}` });
    }
    return causes;
  },
});

const runtimeStrategy = defineStrategy<typeof KradleServingRuntime>({
  kind: KradleServingRuntime,
  validate: ({ spec: { containers } }) => [
    ...duplicateCauses(containers.map((container, index) => ({ name: container.name, field: `spec.containers[${index}].name` }))),
    ...containers.flatMap((container, index) => {
      const at = `spec.containers[${index}]`;
      return [
        ...resourceCauses(`${at}.resources`, container.resources),
        ...duplicateCauses((container.env ?? []).map((variable, place) => ({ name: variable.name, field: `${at}.env[${place}].name` }))),
        ...(container.env ?? []).flatMap((variable, place) => sourceCauses(`${at}.env[${place}]`, variable)),
      ];
    }),
  ],
});

type Resources = NonNullable<(typeof KradleInferenceService)['spec']['shape']['predictor']['shape']['resources']['_output']>;

/** What is kept free for a container is at most what it may use. */
function resourceCauses(field: string, resources: Resources | undefined): StatusCause[] {
  return Object.entries(resources?.requests ?? {}).flatMap(([name, request]) => {
    const limit = resources?.limits?.[name];
    if (limit === undefined || parseQuantity(request) <= parseQuantity(limit)) return [];
    return [{ code: 'FieldValueInvalid', field: `${field}.requests.${name}`, message: `${field}.requests.${name} is ${request}; it must be at most its limit, ${limit}` }];
  });
}

/** A variable has a value, or one place that it comes from. Source: Kubernetes, EnvVar and EnvVarSource. */
function sourceCauses(field: string, variable: { value?: string | undefined; valueFrom?: Readonly<Record<string, unknown>> | undefined }): StatusCause[] {
  const sources = Object.values(variable.valueFrom ?? {}).filter((source) => source !== undefined).length;
  if (variable.value !== undefined && variable.valueFrom !== undefined) return [{ code: 'FieldValueInvalid', field, message: `${field} has both value and valueFrom; say one of them` }];
  if (variable.valueFrom !== undefined && sources !== 1) return [{ code: 'FieldValueInvalid', field: `${field}.valueFrom`, message: `${field}.valueFrom must say either secretKeyRef or configMapKeyRef` }];
  return [];
}

function duplicateCauses(named: readonly { name: string | undefined; field: string }[]): StatusCause[] {
  const seen = new Set<string>();
  return named.flatMap(({ name, field }) => {
    if (name === undefined) return [];
    if (seen.has(name)) return [{ code: 'FieldValueDuplicate', field, message: `${field} is "${name}", which is taken by one before it` }];
    seen.add(name);
    return [];
  });
}
