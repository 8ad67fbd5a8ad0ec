import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { actorReference, digest, organizationRef, refTo } from '../../kind/fields';

export const AgentSessionAttachment = defineKind({
  names: { kind: 'AgentSessionAttachment', plural: 'agentsessionattachments', singular: 'agentsessionattachment', title: 'Session attachments' },
  context: 'agents',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'File attached to a session message with source type, MIME type, digest, and redaction status',
  spec: () => z.object({
    organizationRef,
    sessionRef: refTo('AgentSession'),
    sourceType: z.enum(['upload', 'clipboard', 'screenshot', 'repository-file', 'artifact', 'log', 'url', 'generated']).describe('Where the file comes from.'),
    sourceRef: z.string().max(2048).optional().describe('The file, artifact or address that it was taken from.'),
    digest: digest.describe('SHA-256 of the content.'),
    mimeType: z.string().max(200).optional().describe('Its media type: image/png.'),
    fileName: z.string().max(255).optional().describe('What the file is called.'),
    sizeBytes: z.number().int().min(0).optional().describe('Its size, in bytes.'),
    messageId: z.string().max(200).optional().describe('The message that it belongs to.'),
    uploadedBy: actorReference.optional().describe('Who attached it.'),
    redactionStatus: z.enum(['none', 'redacted', 'suspected-secret']).optional().describe('Whether secrets were found in it, and taken out.'),
  }),
  status: () => z.object({ phase: z.enum(['Stored', 'Expired']).optional() }),
  columns: [
    { name: 'Session', path: 'spec.sessionRef', type: 'ref' },
    { name: 'File', path: 'spec.fileName', type: 'string' },
    { name: 'Type', path: 'spec.mimeType', type: 'string' },
    { name: 'Size', path: 'spec.sizeBytes', type: 'bytes' },
    { name: 'Redaction', path: 'spec.redactionStatus', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  refs: [{ path: 'spec.sessionRef', kind: 'AgentSession', required: true, owner: true }],
  immutable: ['spec.sessionRef', 'spec.digest'],
  search: ['spec.fileName'],
  authored: false,
});
