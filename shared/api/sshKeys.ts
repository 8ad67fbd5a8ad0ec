import { z } from 'zod';
import { objectName, timestamp } from '../kind/objectMeta';

/** A key of one's own, wherever it is kept. */
export const sshKeyView = z.object({
  /** Organization that keeps the key; it opens all of its owner's. */
  org: z.string(),
  name: z.string(),
  title: z.string(),
  /** `ssh-ed25519`. */
  type: z.string(),
  /** `SHA256:…` */
  fingerprint: z.string(),
  usage: z.enum(['authentication-and-signing', 'authentication', 'signing']),
  readOnly: z.boolean(),
  phase: z.enum(['Active', 'Revoked', 'Expired']),
  createdAt: timestamp,
  expiresAt: timestamp.optional(),
  lastUsedAt: timestamp.optional(),
  lastUsedFrom: z.string().optional(),
});
export type SshKeyView = z.output<typeof sshKeyView>;

export const addSshKeyInput = z.object({
  key: z.string().min(1).max(16_384).describe('The public key: ssh-ed25519 AAAA… comment.'),
  title: z.string().max(200).optional().describe('What you call it: the machine that it is on. The comment of the key unless said.'),
  usage: sshKeyView.shape.usage.optional(),
  readOnly: z.boolean().optional().describe('It may fetch and not push.'),
  expiresAt: timestamp.optional(),
  org: objectName.optional().describe('Organization that keeps it; one of yours unless said.'),
});

export const sshServerView = z.object({
  enabled: z.boolean(),
  /** Where git reaches it. */
  address: z.object({ host: z.string(), port: z.number().int() }).optional(),
  hostKeys: z.array(z.object({ type: z.string(), fingerprint: z.string(), publicKey: z.string(), knownHosts: z.string().describe('A line for ~/.ssh/known_hosts.') })),
});
export type SshServerView = z.output<typeof sshServerView>;
