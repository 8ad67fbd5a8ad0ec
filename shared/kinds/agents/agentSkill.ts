import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { digest, httpUrl, organizationRef, refTo, timestamp } from '../../kind/fields';
import { outputContract } from './outputContract';

export const AgentSkill = defineKind({
  names: { kind: 'AgentSkill', plural: 'agentskills', singular: 'agentskill', shortNames: ['skill'], title: 'Skills' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Reusable runbook/procedure bundle with prompt fragments, tool deps, and output contracts',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('When an agent should follow it.'),
    version: z.string().max(100).optional().describe('Version of the skill.'),
    format: z.enum(['directory', 'markdown', 'archive', 'inline']).describe('directory: a folder with a SKILL.md; markdown: one file; archive: a tar file; inline: the prompt fragment is all of it.'),
    sourceRef: z.object({
      repository: refTo('Repository').optional(),
      path: z.string().max(1024).optional().describe('Folder or file in the repository.'),
      ref: z.string().max(255).optional().describe('Branch, tag or commit; default: the default branch.'),
      url: httpUrl.optional().describe('Address of the file or archive, when it is in no repository.'),
    }).describe('Where the skill comes from. A stack is not ready while this names no place, unless the format is inline.'),
    promptFragment: z.string().max(65_536).optional().describe('Put into the prompt of an agent that has the skill.'),
    requiredTools: z.array(z.string().min(1).max(200)).max(200).optional().describe('Tools that an agent needs to follow it.'),
    requiredMcpServers: z.array(refTo('AgentMcpServer')).max(200).optional().describe('MCP servers that an agent needs for it.'),
    requiredSkills: z.array(refTo('AgentSkill')).max(200).optional().describe('Skills that this one builds on.'),
    outputContract: outputContract.optional().describe('What an answer that follows it has to look like.'),
  }),
  status: () => z.object({
    phase: z.enum(['Ready', 'Invalid']).optional(),
    message: z.string().optional(),
    resolvedCommit: z.string().optional().describe('Commit that the content was read from.'),
    digest: digest.optional().describe('Digest of the content.'),
    syncedAt: timestamp.optional(),
  }),
  columns: [
    { name: 'Format', path: 'spec.format', type: 'string' },
    { name: 'Repository', path: 'spec.sourceRef.repository', type: 'ref' },
    { name: 'Path', path: 'spec.sourceRef.path', type: 'string' },
    { name: 'Description', path: 'spec.description', type: 'string', priority: 1 },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [
    { path: 'spec.sourceRef.repository', kind: 'Repository' },
    { path: 'spec.requiredMcpServers[]', kind: 'AgentMcpServer' },
    { path: 'spec.requiredSkills[]', kind: 'AgentSkill' },
  ],
  search: ['spec.displayName', 'spec.description'],
  form: { promptFragment: { widget: 'textarea' }, 'outputContract.schema': { widget: 'yaml', advanced: true } },
});
