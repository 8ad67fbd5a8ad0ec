import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { objectName, timestamp } from '#shared/kind/fields';

/** A program that waits for a person to sign it in, from another device perhaps. Internal; gone when it has its token. Source: RFC 8628. */
export const DeviceGrant = defineKind({
  names: { kind: 'DeviceGrant', plural: 'devicegrants', singular: 'devicegrant', title: 'Device sign-ins' },
  context: 'identity',
  storage: 'aggregated',
  placement: 'platform',
  purpose: 'A program that waits until a person signs it in with a code',
  spec: () => z.object({
    title: z.string().min(1).max(200),
    address: z.string().max(100).optional(),
    /** SHA-256 of the secret that the program shows when it asks; the name of the object is one of the code that the person types. */
    secretHash: z.string().length(64),
    expiresAt: timestamp,
  }),
  status: () => z.object({
    state: z.enum(['approved', 'denied']).optional(),
    account: objectName.optional(),
  }),
  columns: [],
  authored: false,
});
