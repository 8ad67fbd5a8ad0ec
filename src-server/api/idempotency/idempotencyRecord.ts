import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { digest, timestamp } from '#shared/kind/fields';

/** A request that was sent with an `Idempotency-Key`, and what it was answered. Internal; its name is the digest of actor and key. */
export const IdempotencyRecord = defineKind({
  names: { kind: 'IdempotencyRecord', plural: 'idempotencyrecords', singular: 'idempotencyrecord', title: 'Idempotency records' },
  context: 'console',
  storage: 'aggregated',
  placement: 'platform',
  purpose: 'A request that was sent with an Idempotency-Key, and what it was answered',
  spec: () => z.object({
    actor: z.string().max(600),
    request: digest,
    expiresAt: timestamp,
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Done']).optional(),
    /** The server that works on it, and since when: another one takes over what was given up. */
    server: z.string().optional(),
    since: timestamp.optional(),
    httpStatus: z.number().int().optional(),
    /** JSON; absent where the answer must not be kept, or is too large. */
    answer: z.string().optional(),
  }),
  columns: [],
  authored: false,
});
