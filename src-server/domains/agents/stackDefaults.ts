import type { StatusOf } from '#shared/kind/defineKind';
import { API_GROUP, type ObjectMeta } from '#shared/kind/objectMeta';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { adapterNameOf, type Stack } from './attempts';
import { presetIdFor } from './presets';

/** Names the required fields of a stack that its author left out, so that readiness can say so. */
const DEFAULTED_ANNOTATION = `${API_GROUP}/defaulted`;

type Defaulted = NonNullable<StatusOf<typeof AgentStack>['defaulted']>;

/**
 * A stack says which program it is and how that starts. What an author leaves out follows from the rest: the program from the adapter, or
 * from the stack's own name; the adapter from the program.
 */
export function createStackStrategy(): AnyStrategy {
  return defineStrategy({
    kind: AgentStack,
    prepare({ metadata, spec }, { current }) {
      // What its author says meanwhile was not filled in.
      const filled = new Set<string>(annotated(metadata).filter((field) => spec[field] === current?.spec[field]));
      if (spec.baseAgent === undefined) {
        const named = typeof spec.adapter === 'string' && spec.adapter !== 'default' ? spec.adapter : (presetIdFor(metadata.name) ?? metadata.name);
        spec.baseAgent = named.slice(0, 100);
        filled.add('baseAgent');
      }
      if (spec.adapter === undefined) {
        spec.adapter = 'default';
        filled.add('adapter');
      }
      annotate(metadata, filled);
    },
  });
}

/** What the stack's author left out, with what stands in its place and why. */
export function stackDefaults({ metadata, spec }: Pick<Stack, 'metadata' | 'spec'>): Defaulted {
  const filled = annotated(metadata);
  const defaults: Defaulted = [];
  if (filled.includes('baseAgent')) defaults.push({ field: 'spec.baseAgent', value: spec.baseAgent, reason: 'the agent that the adapter, or else the name of the stack, speaks of' });
  if (spec.adapter === 'default') defaults.push({ field: 'spec.adapter', value: adapterNameOf(spec), reason: 'the adapter named like baseAgent' });
  if (spec.runtimeIdentity === undefined) defaults.push({ field: 'spec.runtimeIdentity', value: 'the user of this machine', reason: 'local mode runs agents as the user, with the user\'s own sign-ins' });
  if (spec.workspacePolicyRef === undefined) defaults.push({ field: 'spec.workspacePolicyRef', value: 'isolated-worktree', reason: 'each run gets a git worktree of its own' });
  if (spec.writeBackPolicy === undefined) defaults.push({ field: 'spec.writeBackPolicy.requireApproval', value: 'true', reason: 'a person approves before work leaves its workspace' });
  if (spec.limits?.deadline === undefined) defaults.push({ field: 'spec.limits.deadline', value: '1h', reason: 'runs end sometime' });
  if (spec.model === undefined) defaults.push({ field: 'spec.model', value: 'the agent\'s own setting', reason: 'no model is asked for' });
  return defaults;
}

const FILLED_FIELDS = ['baseAgent', 'adapter'] as const;

function annotated({ annotations }: Pick<ObjectMeta, 'annotations'>): (typeof FILLED_FIELDS)[number][] {
  // A draft's annotations are checked after this.
  const given: unknown = annotations?.[DEFAULTED_ANNOTATION];
  const fields = typeof given === 'string' ? given.split(',') : [];
  return FILLED_FIELDS.filter((field) => fields.includes(field));
}

function annotate(metadata: Pick<ObjectMeta, 'annotations'>, fields: ReadonlySet<string>): void {
  const { [DEFAULTED_ANNOTATION]: _before, ...annotations } = metadata.annotations ?? {};
  if (fields.size > 0) annotations[DEFAULTED_ANNOTATION] = [...fields].join(',');
  if (metadata.annotations !== undefined || fields.size > 0) metadata.annotations = annotations;
}
