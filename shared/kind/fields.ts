import { z } from 'zod';
import { objectName, timestamp } from './objectMeta';

/** Name of the organization that owns the object. Admission fills it from the namespace or the route. */
export const organizationRef = objectName.describe('The organization that owns this object; filled in from the namespace or the route.');

/** Names another object of the same organization. */
export function refTo(kind: string) {
  return objectName.describe(`Name of ${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind} in the same organization.`);
}

/** `sha256:` and 64 lower-case hexadecimal digits. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" followed by 64 hexadecimal digits');

/** A digest as another system gave it: the algorithm and what follows, which older documents shorten (`sha256:payload`). */
export const foreignDigest = z.string().max(200).regex(/^[a-z0-9]+:[A-Za-z0-9._-]+$/, 'must be an algorithm, a colon and the digest, such as "sha256:" and 64 hexadecimal digits');

/** A full git object id. */
export const commitId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'must be a full commit id of 40 hexadecimal digits');

/** A git object id that may be shortened, to seven digits at least. */
export const commitPrefix = z.string().regex(/^[0-9a-f]{7,64}$/, 'must be a commit id, of 7 hexadecimal digits at least');

/** Whole units and a suffix: `30s`, `15m`, `2h`, `7d`. */
export const duration = z.string().regex(/^\d{1,6}(ms|s|m|h|d)$/, 'must be a number and a unit: 500ms, 30s, 15m, 2h or 7d');

/** A Kubernetes quantity: `500m`, `2Gi`. */
export const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a quantity such as 500m, 2 or 10Gi');

/** An address of the web. It carries no user and password: those belong into a Secret. */
export const httpUrl = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?(?:[/?#][\x21-\x7e]*)?$/, 'must be an http or https address, such as https://example.com/path, without a user or password in it');

/** Names a Secret of the organization, never its value. */
export const secretReference = z.object({
  name: objectName.describe('Name of the Secret.'),
  namespace: objectName.optional().describe('Namespace of the Secret: the organization\'s own, which is also meant when it is left out.'),
  key: z.string().min(1).max(253).optional().describe('Entry of the Secret; left out when the reader knows which entries it needs.'),
});

/** Points at an object of any kind. */
export const objectReference = z.object({ kind: z.string(), name: z.string() });

/** Who asked for or did something. */
export const actorReference = z.object({
  kind: z.enum(['user', 'agent', 'system']),
  name: z.string(),
});

export { objectName, timestamp };
