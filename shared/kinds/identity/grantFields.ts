import { z } from 'zod';
import type { Reference } from '../../kind/defineKind';
import { objectName, timestamp } from '../../kind/fields';
import { isPlainObject } from '../../kind/paths';
import { accessSubject, subjectRefs, upgradeSubject } from './accessSubject';

/** Names a native Secret or ConfigMap and the entries of it that are meant. */
export const keyedReference = z.object({
  name: objectName,
  namespace: objectName.optional().describe('Its namespace; the organization\'s own when left out. Never another organization\'s.'),
  keys: z.array(z.string().min(1).max(253)).min(1).max(100).optional().describe('The entries that are granted; absent grants all of them.'),
});

const refPatterns = z.array(z.string().min(1).max(255)).max(100).optional();

/** What a grant of a Secret and one of a ConfigMap have in common. Source: seeds, 002 and 003, "permission review". */
export const grantFields = {
  subject: accessSubject,
  purpose: z.string().min(1).max(200).describe('What it is for: model-provider-token, tool, skill-config, mcp-server:NAME. A need is met only by a grant of its purpose.'),
  allowedRepositories: z.array(objectName).optional().describe('Repositories whose runs may use it; absent means all.'),
  allowedRefs: z.object({
    include: refPatterns.describe('Full reference names or patterns that the run must be on one of.'),
    exclude: refPatterns.describe('References that are shut out even when included: refs/pull/*/head keeps out forks.'),
  }).optional().describe('References on which it may be used; absent means every one.'),
  allowedTriggerSources: z.array(z.string().min(1).max(100)).optional().describe('What may have started the run: pull-request, ci, manual. Absent means anything.'),
  mountPolicy: z.enum(['env', 'file', 'never-mount-pass-by-reference']).default('env').describe('How it reaches the run: as environment variables, as files, or only as a reference that the tool resolves itself.'),
  requiredApproval: z.enum(['never', 'on-untrusted-ref', 'always']).default('never').describe('When a person approves each use.'),
  expiresAt: timestamp.optional().describe('The grant ends here.'),
  revoked: z.boolean().default(false).describe('The grant counts no more; kept for the record.'),
} as const;

export const grantStatus = {
  phase: z.enum(['Pending', 'Active', 'Blocked', 'Expired', 'Revoked']).optional(),
  lastUsedAt: timestamp.optional(),
} as const;

export const grantRefs: readonly Reference[] = [...subjectRefs, { path: 'spec.allowedRepositories[]', kind: 'Repository' }];

/** Brings a grant's spec of an older shape to the present one. `source` is the field that names what is granted. */
export function upgradeGrant(spec: Readonly<Record<string, unknown>>, source: 'secretRef' | 'configMapRef'): Record<string, unknown> {
  const upgraded = { ...spec };
  if (spec.subject !== undefined) upgraded.subject = upgradeSubject(spec.subject);
  if (spec[source] !== undefined) upgraded[source] = upgradeReference(spec[source]);
  return upgraded;
}

/** Older documents write `name` or `namespace/name`, and one `key` for a list of one. */
function upgradeReference(reference: unknown): unknown {
  if (typeof reference === 'string') {
    const slash = reference.indexOf('/');
    return slash < 0 ? { name: reference } : { namespace: reference.slice(0, slash), name: reference.slice(slash + 1) };
  }
  if (!isPlainObject(reference) || typeof reference.key !== 'string' || reference.keys !== undefined) return reference;
  const { key, ...rest } = reference;
  return { ...rest, keys: [key] };
}
