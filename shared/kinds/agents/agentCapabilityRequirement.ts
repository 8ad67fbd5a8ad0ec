import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { objectName, objectReference, organizationRef, refTo } from '../../kind/fields';

/** One entry of a Secret or ConfigMap that something of the stack needs, and what needs it. */
const requiredEntry = z.object({
  reason: z.string().min(1).max(100).describe('What it is for: model-provider-token, tool, skill-config …'),
  toolRef: z.string().max(253).optional().describe('The tool that needs it.'),
  mcpServerRef: refTo('AgentMcpServer').optional(),
  skillRef: refTo('AgentSkill').optional(),
  subagentRef: refTo('AgentSubagent').optional(),
  namespace: objectName.optional().describe('Namespace of the Secret or ConfigMap.'),
  name: objectName.describe('Name of the Secret or ConfigMap.'),
  key: z.string().max(253).optional().describe('Entry of it.'),
});

export const AgentCapabilityRequirement = defineKind({
  names: { kind: 'AgentCapabilityRequirement', plural: 'agentcapabilityrequirements', singular: 'agentcapabilityrequirement', title: 'Capability requirements' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Computed dependency record from tools, MCP, skills, models, and subagents',
  spec: () => z.object({
    organizationRef,
    ownerRef: objectReference.describe('What has the requirements: an AgentStack.'),
    requiredRoles: z.array(z.string().min(1).max(253)).max(500).describe('Roles that its identity needs.'),
    requiredSecretRefs: z.array(requiredEntry).max(500).optional().describe('Secrets that are needed, and what for.'),
    requiredConfigRefs: z.array(requiredEntry).max(500).optional().describe('Configuration that is needed, and what for.'),
    requiredTools: z.array(z.string().min(1).max(200)).max(500).optional().describe('Tools that are needed.'),
    requiredMcpServers: z.array(refTo('AgentMcpServer')).max(500).optional().describe('MCP servers that are needed.'),
    requiredModels: z.array(z.string().min(1).max(200)).max(100).optional().describe('Models that are needed.'),
  }),
  status: () => z.object({
    phase: z.enum(['Resolved', 'Blocked']).optional(),
    missingGrants: z.array(z.object({
      kind: z.string().describe('AgentSecretGrant, AgentConfigGrant or AgentRoleBinding.'),
      reason: z.string(),
      message: z.string().optional(),
      suggestedName: z.string().optional(),
      blocking: z.boolean().optional(),
    })).optional(),
  }),
  columns: [
    { name: 'Owner', path: 'spec.ownerRef.name', type: 'string' },
    { name: 'Roles', path: 'spec.requiredRoles', type: 'string' },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.ownerRef', kind: 'AgentStack', owner: true },
    { path: 'spec.requiredMcpServers[]', kind: 'AgentMcpServer' },
    { path: 'spec.requiredSecretRefs[].mcpServerRef', kind: 'AgentMcpServer' },
    { path: 'spec.requiredSecretRefs[].skillRef', kind: 'AgentSkill' },
    { path: 'spec.requiredSecretRefs[].subagentRef', kind: 'AgentSubagent' },
    { path: 'spec.requiredConfigRefs[].mcpServerRef', kind: 'AgentMcpServer' },
    { path: 'spec.requiredConfigRefs[].skillRef', kind: 'AgentSkill' },
    { path: 'spec.requiredConfigRefs[].subagentRef', kind: 'AgentSubagent' },
  ],
  immutable: ['spec.ownerRef'],
  authored: false,
});
