import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, organizationRef, refTo, timestamp } from '../../kind/fields';

export const AgentContextLabel = defineKind({
  names: { kind: 'AgentContextLabel', plural: 'agentcontextlabels', singular: 'agentcontextlabel', shortNames: ['contextlabel'], title: 'Context labels' },
  context: 'agents',
  storage: 'config',
  placement: 'org',
  purpose: 'Reviewed prompt fragment with provenance and allowlisted sources',
  spec: () => z.object({
    organizationRef,
    displayName: z.string().max(200).optional().describe('What people call it.'),
    description: z.string().max(2000).optional().describe('What the text is for.'),
    promptFragment: z.string().min(1).max(65_536).describe('Put into the prompt of a run that carries the label. It never grants a tool or a secret.'),
    allowedSources: z.array(z.string().min(1).max(100)).max(100).describe('Where its content may come from: pipeline, job, pull-request, issue, comment, repository …'),
    requiresReview: z.boolean().default(true).describe('Changes count once a person has reviewed them.'),
    reviewedBy: actorReference.optional().describe('Who last found it fit.'),
    reviewedAt: timestamp.optional().describe('When it was last found fit.'),
    provenance: z.object({
      repository: refTo('Repository').optional(),
      path: z.string().max(1024).optional(),
      commit: z.string().max(64).optional(),
      url: z.string().max(2048).optional(),
      author: z.string().max(200).optional(),
    }).optional().describe('Where the fragment was taken from.'),
  }),
  status: () => z.object({
    phase: z.enum(['AwaitingReview', 'Ready']).optional(),
    reviewedGeneration: z.number().int().optional().describe('Generation that was reviewed last.'),
  }),
  columns: [
    { name: 'Name shown', path: 'spec.displayName', type: 'string' },
    { name: 'Sources', path: 'spec.allowedSources', type: 'string' },
    { name: 'Review', path: 'spec.requiresReview', type: 'boolean' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.provenance.repository', kind: 'Repository' }],
  search: ['spec.displayName', 'spec.description'],
  form: { promptFragment: { widget: 'textarea' }, provenance: { advanced: true }, reviewedBy: { advanced: true }, reviewedAt: { advanced: true } },
});
