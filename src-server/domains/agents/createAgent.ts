import type { z } from 'zod';
import type { createAgentInput } from '#shared/api/agents';
import { StatusError } from '#shared/api/status';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Adapter, Stack } from './attempts';
import { findPreset } from './presets';

/** Makes an adapter and a stack of the same name, or neither. `AlreadyExists` when either is there. */
export async function createAgent(resources: ResourceClient, input: z.output<typeof createAgentInput>): Promise<{ adapter: Adapter; stack: Stack }> {
  const { org, name, displayName, env, model, systemPrompt, approvalMode } = input;
  const preset = input.preset === undefined ? undefined : findPreset(input.preset);
  if (input.preset !== undefined && preset === undefined) throw invalid('preset', `there is no preset "${input.preset}"`);
  const command = input.command ?? (preset === undefined ? undefined : [...preset.command]);
  if (command === undefined) throw invalid('command', 'give the program and its arguments, or a preset');
  const adapterType = preset?.adapterType ?? input.adapterType;
  const stackInput = {
    metadata: { name },
    spec: {
      organizationRef: org,
      baseAgent: preset?.id ?? name.slice(0, 100),
      adapter: name,
      approvalMode,
      ...(displayName === undefined ? (preset === undefined ? {} : { displayName: preset.title }) : { displayName }),
      ...(model === undefined ? {} : { model }),
      ...(systemPrompt === undefined || systemPrompt.trim() === '' ? {} : { prompt: { system: systemPrompt } }),
    },
  };
  // Most of what can be wrong with the stack shows before anything is made.
  await resources.create(AgentStack, org, stackInput, { dryRun: true });
  const adapter = await resources.create(AgentAdapter, org, {
    metadata: { name },
    spec: { organizationRef: org, adapterType, transport: 'stdio', command, ...(displayName === undefined ? {} : { displayName }), ...(env === undefined ? {} : { env }) },
  });
  try {
    return { adapter, stack: await resources.create(AgentStack, org, stackInput) };
  } catch (error) {
    await resources.delete(AgentAdapter, { org, name }, { expectedUid: adapter.metadata.uid });
    throw error;
  }
}

function invalid(field: string, message: string): StatusError {
  return new StatusError('Invalid', `${field}: ${message}`, { causes: [{ code: 'FieldValueInvalid', field, message }] });
}
