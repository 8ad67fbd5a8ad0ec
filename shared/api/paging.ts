import { z } from 'zod';
import { objectName } from '../kind/objectMeta';

/** Path parameter that every organization route has. */
export const orgParam = z.object({ org: objectName.describe('Organization slug.') });

export const listParams = z.object({
  labelSelector: z.string().max(1000).optional().describe('Kubernetes label selector: app=web,tier!=cache.'),
  fieldSelector: z.string().max(1000).optional().describe('Dotted path comparisons: status.phase=Running.'),
  q: z.string().max(200).optional().describe('Text to look for in names and titles.'),
  sort: z.string().max(200).optional().describe('Dotted path; "-" in front for descending.'),
  limit: z.coerce.number().int().min(1).max(1000).optional().describe('Objects in a page; default 500.'),
  continue: z.string().max(4096).optional().describe('Token of the previous page.'),
});

/** Precondition of a change. */
export const expectedVersion = z.string().max(40).optional().describe('Version that the object must be at; also as If-Match.');

/** A stored object, whatever its kind. */
export const anyObject = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.record(z.string(), z.unknown()),
  status: z.record(z.string(), z.unknown()).optional(),
});

export const listMeta = z.object({
  resourceVersion: z.string(),
  continue: z.string().optional(),
  remainingItemCount: z.number().int().optional(),
});
