import type { StatusCause } from '#shared/api/status';
import { Job } from '#shared/kinds/ci/job';
import { Pipeline } from '#shared/kinds/ci/pipeline';
import { RunnerPool } from '#shared/kinds/ci/runnerPool';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { commandCauses, stepCauses } from './stepCauses';

/** The rules of runners and pipelines that their schemas cannot say. */
export function ciStrategies(): readonly AnyStrategy[] {
  return [runnerPoolStrategy, pipelineStrategy, jobStrategy];
}

/** Source: seeds, 003 section 12.1. */
const runnerPoolStrategy = defineStrategy({
  kind: RunnerPool,
  validate({ spec: { warmReplicas, maxReplicas } }) {
    if (warmReplicas <= maxReplicas) return [];
    return [{ code: 'FieldValueInvalid', field: 'spec.warmReplicas', message: `spec.warmReplicas is ${warmReplicas}, more than the ${maxReplicas} that spec.maxReplicas allows` }];
  },
});

/** Steps that can be run in some order, and code of a pull request that nobody vouched for is not trusted. */
const pipelineStrategy = defineStrategy({
  kind: Pipeline,
  prepare({ spec }, { current }) {
    spec.trustTier ??= current?.spec.trustTier ?? (typeof spec.ref === 'string' && spec.ref.startsWith('refs/pull/') ? 'untrusted' : 'trusted');
  },
  validate({ metadata, spec: { steps = [], resumeFrom, rerunOf } }) {
    const causes = stepCauses(steps);
    if (resumeFrom !== undefined && steps.length > 0 && !steps.some(({ name }) => name === resumeFrom)) {
      causes.push({ code: 'FieldValueNotFound', field: 'spec.resumeFrom', message: `"${resumeFrom}" is no step of this pipeline; it has ${steps.map(({ name }) => name).join(', ')}` });
    }
    if (rerunOf === metadata.name) causes.push({ code: 'FieldValueInvalid', field: 'spec.rerunOf', message: 'a pipeline cannot repeat itself; name an earlier run' });
    return causes;
  },
});

/** Source: seeds, "Pipelines, jobs, runners": untrusted work has no secrets and no access to the cluster. */
const jobStrategy = defineStrategy({
  kind: Job,
  validate({ spec: { trustTier, isolation, ...step } }) {
    const causes: StatusCause[] = commandCauses('spec', step);
    if (trustTier !== 'untrusted') return causes;
    for (const [field, what] of [['secrets', 'secrets'], ['clusterApi', 'access to the cluster'], ['cacheWrite', 'a cache that others read']] as const) {
      if (isolation?.[field] === true) causes.push({ code: 'FieldValueForbidden', field: `spec.isolation.${field}`, message: `spec.isolation.${field} must be false: an untrusted job gets no ${what}` });
    }
    return causes;
  },
});
