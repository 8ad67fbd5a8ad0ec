/** Inputs and outputs of the verbs about organizations. */
import { z } from 'zod';
import { objectName, timestamp } from '../kind/objectMeta';
import { orgParam } from './paging';

export const createOrganizationInput = z.object({
  slug: z.string().min(1).max(200).describe('Short name in addresses; brought to lower case letters, digits and "-".'),
  displayName: z.string().min(1).max(200).optional(),
  description: z.string().max(2000).optional(),
});

export const updateOrganizationInput = orgParam.extend({
  displayName: z.string().min(1).max(200).optional(),
  description: z.string().max(2000).nullable().optional().describe('null takes it away.'),
  budgetLimitUsd: z.number().min(0).nullable().optional().describe('Ceiling of what agents may spend, in US dollars; null takes it away.'),
});

export const suspendOrganizationInput = orgParam.extend({
  reason: z.string().max(500).optional().describe('Shown to its members.'),
});

export const deleteOrganizationInput = orgParam.extend({
  confirm: z.string().max(253).describe('The name of the organization once more: everything in it goes for good.'),
});

/** How far the deletion of an organization is. */
export const organizationDeletion = z.object({
  org: objectName,
  phase: z.enum(['Deleting', 'Deleted']),
  startedAt: timestamp,
  requestedBy: z.string().optional().describe('Who asked; absent when it was deleted by another way than this verb.'),
  finishedAt: timestamp.optional(),
  objectsLeft: z.array(z.object({ kind: z.string(), count: z.number().int() })).describe('Objects that are still there, by kind.'),
  repositoryBytesLeft: z.number().int().describe('Bytes of repositories on disk that are still there.'),
  message: z.string().optional().describe('What it waits for.'),
});
export type OrganizationDeletionView = z.output<typeof organizationDeletion>;
