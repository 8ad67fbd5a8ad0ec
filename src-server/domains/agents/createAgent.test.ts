import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAgentInput } from '#shared/api/agents';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { createAgentsFixture } from '../../../test/harness/agentsFixture';
import type { ResourceClient } from '../../resources/resourceClient';
import { createAgent } from './createAgent';
import { listPresets } from './presets';

const org = 'default';
const input = (value: object) => createAgentInput.parse({ org, name: 'coder', ...value });

describe('createAgent', () => {
  it('makes adapter and stack from a preset, or from a command', async () => {
    const { resources } = await createAgentsFixture();
    const made = await createAgent(resources, input({ preset: 'opencode', model: 'm', systemPrompt: 'Be brief.' }));
    expect(made.adapter.spec).toMatchObject({ adapterType: 'acp', transport: 'stdio', command: ['opencode', 'acp'] });
    expect(made.stack.spec).toMatchObject({ baseAgent: 'opencode', adapter: 'coder', displayName: 'OpenCode', model: 'm', approvalMode: 'prompt', prompt: { system: 'Be brief.' } });
    const own = await createAgent(resources, input({ name: 'own', command: ['./agent', '--acp'], env: { A: '1' } }));
    expect(own.adapter.spec).toMatchObject({ command: ['./agent', '--acp'], env: { A: '1' } });
  });

  it('makes neither when one of them cannot be made', async () => {
    const { resources } = await createAgentsFixture();
    const failing: ResourceClient = {
      ...resources,
      create: (kind, ...rest) => (kind.names.kind === 'AgentStack' && rest[2]?.dryRun !== true ? Promise.reject(new Error('disk full')) : resources.create(kind, ...rest)),
    };
    await expect(createAgent(failing, input({ command: ['x'] }))).rejects.toThrow('disk full');
    expect(await resources.find(AgentAdapter, { org, name: 'coder' })).toBeUndefined();
    await createAgent(resources, input({ command: ['x'] }));
    await expect(createAgent(resources, input({ command: ['y'] }))).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect((await resources.get(AgentAdapter, { org, name: 'coder' })).spec.command).toEqual(['x']);
  });

  it('refuses an unknown preset, and no command at all', async () => {
    const { resources } = await createAgentsFixture();
    await expect(createAgent(resources, input({ preset: 'nobody' }))).rejects.toMatchObject({ reason: 'Invalid', details: { causes: [{ field: 'preset' }] } });
    await expect(createAgent(resources, input({}))).rejects.toMatchObject({ reason: 'Invalid', details: { causes: [{ field: 'command' }] } });
    expect(await resources.find(AgentStack, { org, name: 'coder' })).toBeUndefined();
  });
});

describe('listPresets', () => {
  it('says which programs are on the PATH, those first, without starting any', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kradle-path-'));
    try {
      await writeFile(join(folder, 'goose'), '#!/bin/sh\ntouch "$0.started"\n');
      await chmod(join(folder, 'goose'), 0o755);
      await writeFile(join(folder, 'opencode'), 'not executable');
      const presets = await listPresets({ env: { PATH: folder }, cwd: folder });
      expect(presets[0]).toMatchObject({ id: 'goose', found: true, resolvedProgram: join(folder, 'goose'), command: ['goose', 'acp'], adapterType: 'acp' });
      expect(presets.filter(({ found }) => found)).toHaveLength(1);
      expect(presets.every(({ installHint }) => installHint !== '')).toBe(true);
      expect((await listPresets({ env: { PATH: '' }, cwd: folder })).some(({ found }) => found)).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
