import { describe, expect, it } from 'vitest';
import { conditionOf } from '#shared/kind/conditions';
import type { AnyKind, ObjectInputOf, SpecInputOf } from '#shared/kind/defineKind';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentContextLabel } from '#shared/kinds/agents/agentContextLabel';
import { AgentMcpServer } from '#shared/kinds/agents/agentMcpServer';
import { AgentSkill } from '#shared/kinds/agents/agentSkill';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { AgentSubagent } from '#shared/kinds/agents/agentSubagent';
import { AgentToolProfile } from '#shared/kinds/agents/agentToolProfile';
import { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { AgentMemoryRepository } from '#shared/kinds/memory/agentMemoryRepository';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import { createAgentsFixture, type AgentsFixture } from '../../../test/harness/agentsFixture';
import { silentLogger } from '../../app/log';
import { createStackController } from './stackController';

const org = 'default';
const ref = { org, name: 'coder' };
const context = { signal: new AbortController().signal, log: silentLogger() };
const subject = { kind: 'agent-stack', name: 'coder', serviceAccountRef: 'robot' } as const;

async function put<TKind extends AnyKind>(fixture: AgentsFixture, kind: TKind, { name, spec }: { name: string; spec: Omit<SpecInputOf<TKind>, 'organizationRef'> }): Promise<void> {
  await fixture.resources.create(kind, org, { metadata: { name }, spec: { organizationRef: org, ...spec } } as unknown as ObjectInputOf<TKind>);
}

/** A stack that names one of everything, and the functions that make each. */
async function world() {
  const fixture = await createAgentsFixture();
  await put(fixture, AgentAdapter, { name: 'coder', spec: { adapterType: 'acp', command: ['coder'] } });
  await put(fixture, AgentStack, {
    name: 'coder',
    spec: {
      baseAgent: 'coder', adapter: 'default', toolProfileRef: 'tools', mcpServerRefs: ['server'], skillRefs: ['skill'], subagentRefs: ['helper'], contextLabelRefs: ['label'],
      memoryRepositoryRefs: ['brain'], workspacePolicyRef: 'policy', runtimeIdentity: { serviceAccountRef: 'robot' },
      permissionRefs: { roleBindings: ['role'], secretGrants: ['secret'], configGrants: ['config'] },
    },
  });
  const controller = createStackController(fixture.ctx);
  const conditions = async () => {
    await controller.reconcile(ref, context);
    return (await fixture.resources.get(AgentStack, ref)).status?.conditions;
  };
  /** Each condition that is not True, with its reason. */
  const blocked = async () => Object.fromEntries(((await conditions()) ?? []).filter(({ status }) => status !== 'True').map(({ type, reason }) => [type, reason]));
  return { fixture, controller, conditions, blocked };
}

const EVERYTHING: readonly [condition: string | undefined, make: (fixture: AgentsFixture) => Promise<void>][] = [
  [undefined, (fixture) => put(fixture, KradleWorkspacePolicy, { name: 'policy', spec: { retentionPolicy: {} } })],
  [undefined, (fixture) => put(fixture, AgentMemoryRepository, { name: 'brain', spec: { repositoryRef: 'shop', defaultBranch: 'main', layoutProfile: 'company-brain' } })],
  ['ToolsAdmitted', (fixture) => put(fixture, AgentToolProfile, { name: 'tools', spec: { filesystemPolicy: 'read-only', approvalPolicyByTool: {} } })],
  ['McpHealthy', (fixture) => put(fixture, AgentMcpServer, { name: 'server', spec: { transport: 'stdio', scope: 'run', command: ['server'] } })],
  ['SkillsValidated', (fixture) => put(fixture, AgentSkill, { name: 'skill', spec: { format: 'directory', sourceRef: { repository: 'shop', path: 'skills/one' } } })],
  ['SubagentsValid', (fixture) => put(fixture, AgentSubagent, { name: 'helper', spec: { rolePrompt: 'Help.', taskKinds: ['research'] } })],
  ['ContextLabelsValid', (fixture) => put(fixture, AgentContextLabel, { name: 'label', spec: { promptFragment: 'Look.', allowedSources: [] } })],
  ['RuntimeIdentityReady', (fixture) => put(fixture, AgentServiceAccount, { name: 'robot', spec: { namespace: 'kradle-runners', serviceAccountName: 'robot' } })],
  ['RolesAdmitted', (fixture) => put(fixture, AgentRoleBinding, { name: 'role', spec: { subject, scope: { kind: 'repository', name: 'shop' }, roleRef: { name: 'repair' } } })],
  ['SecretsAdmitted', (fixture) => put(fixture, AgentSecretGrant, { name: 'secret', spec: { subject, secretRef: { name: 'token' }, purpose: 'tool' } })],
  ['ConfigAdmitted', (fixture) => put(fixture, AgentConfigGrant, { name: 'config', spec: { subject, configMapRef: { name: 'npm' }, purpose: 'tool' } })],
];

describe('readiness of a stack', () => {
  it('is False for everything that is missing, and turns True with each thing that comes', async () => {
    const { fixture, conditions, blocked } = await world();
    expect(await blocked()).toEqual({
      CapabilitiesResolved: 'ReferenceMissing', ToolsAdmitted: 'ToolProfileMissing', McpHealthy: 'McpServerMissing', SkillsValidated: 'SkillMissing', SubagentsValid: 'SubagentMissing',
      ContextLabelsValid: 'ContextLabelMissing', RuntimeIdentityReady: 'ServiceAccountMissing', RolesAdmitted: 'MissingRoleBinding', SecretsAdmitted: 'MissingSecretGrant',
      ConfigAdmitted: 'MissingConfigGrant', Ready: 'ReferenceMissing',
    });
    expect(conditionOf(await conditions(), 'CapabilitiesResolved')?.message).toBe(
      'Not found: KradleWorkspacePolicy "policy", AgentMemoryRepository "brain", AgentToolProfile "tools", AgentMcpServer "server", AgentSkill "skill", AgentSubagent "helper", AgentContextLabel "label"',
    );
    for (const [condition, make] of EVERYTHING) {
      await make(fixture);
      if (condition !== undefined) expect(Object.keys(await blocked()), condition).not.toContain(condition);
    }
    expect(await blocked()).toEqual({});
    expect((await fixture.resources.get(AgentStack, ref)).status?.phase).toBe('Ready');
  });

  it('calls permissions what keeps a stack that lacks nothing else', async () => {
    const { fixture, blocked } = await world();
    for (const [condition, make] of EVERYTHING) if (condition !== 'SecretsAdmitted') await make(fixture);
    expect(await blocked()).toEqual({ SecretsAdmitted: 'MissingSecretGrant', Ready: 'PermissionRequirementsBlocked' });
  });

  it('is False for what is there and does not serve', async () => {
    const { fixture, conditions, blocked } = await world();
    for (const [, make] of EVERYTHING) await make(fixture);
    await fixture.resources.mutateStatus(AgentMcpServer, { org, name: 'server' }, (status) => {
      Object.assign(status, { health: 'Unhealthy', message: 'it does not answer' });
    });
    await fixture.resources.mutate(AgentSkill, { org, name: 'skill' }, ({ spec }) => {
      spec.sourceRef = {};
    });
    await fixture.resources.mutate(AgentSubagent, { org, name: 'helper' }, ({ spec }) => {
      spec.taskKinds = [];
    });
    await fixture.resources.mutate(AgentRoleBinding, { org, name: 'role' }, ({ spec }) => {
      spec.revoked = true;
    });
    await fixture.resources.mutate(AgentSecretGrant, { org, name: 'secret' }, ({ spec }) => {
      spec.subject = { kind: 'agent-stack', name: 'another' };
    });
    await fixture.resources.mutate(AgentConfigGrant, { org, name: 'config' }, ({ spec }) => {
      spec.expiresAt = new Date(fixture.clock.now() + 60_000).toISOString();
    });
    expect(await blocked()).toEqual({
      McpHealthy: 'McpServerUnhealthy', SkillsValidated: 'SkillInvalid', SubagentsValid: 'SubagentInvalid', RolesAdmitted: 'RoleBindingNotInForce', SecretsAdmitted: 'SecretGrantNotInForce',
      Ready: 'McpServerUnhealthy',
    });
    expect(conditionOf(await conditions(), 'SecretsAdmitted')?.message).toBe('AgentSecretGrant "secret" is for the agent "another"');
    fixture.clock.advance(60_000);
    expect(await blocked()).toHaveProperty('ConfigAdmitted', 'ConfigGrantNotInForce');
  });

  it('is looked at again when anything that it is read from comes or goes', async () => {
    const { fixture, controller, blocked } = await world();
    await blocked();
    for (const { kind, name } of [
      { kind: AgentAdapter, name: 'coder' }, { kind: AgentSkill, name: 'skill' }, { kind: AgentSecretGrant, name: 'secret' }, { kind: AgentMemoryRepository, name: 'brain' },
      { kind: AgentServiceAccount, name: 'robot' }, { kind: KradleWorkspacePolicy, name: 'policy' },
    ]) {
      const watch = controller.watches?.find((each) => each.kind === kind);
      expect(watch !== undefined && 'dependents' in watch && watch.dependents({ org, name }), kind.names.kind).toEqual([ref]);
    }
    await fixture.resources.delete(AgentStack, ref);
    expect(await controller.reconcile(ref, context)).toBeUndefined();
  });

  it('goes to write only when there is something new', async () => {
    const { fixture } = await world();
    const { resources } = fixture.ctx;
    let writes = 0;
    const mutateStatus: typeof resources.mutateStatus = (kind, asked, change) => {
      writes += 1;
      return resources.mutateStatus(kind, asked, change);
    };
    const controller = createStackController({ ...fixture.ctx, resources: { ...resources, mutateStatus } });
    for (let times = 0; times < 3; times += 1) await controller.reconcile(ref, context);
    expect(writes).toBe(1);
    await fixture.resources.mutate(AgentStack, ref, ({ spec }) => {
      spec.skillRefs = [];
    });
    await controller.reconcile(ref, context);
    expect(writes).toBe(2);
  });
});
