/** The one multiplexed stream of a window. */
import { z } from 'zod';
import { objectName } from '../kind/objectMeta';
import type { NotificationView } from './notifications';
import type { AuditRecord } from './audit';

/** What a window wants to hear of. */
export const liveTopic = z.discriminatedUnion('type', [
  z.object({
    id: z.string().max(200),
    type: z.literal('resources'),
    org: objectName,
    /** Plural. */
    kind: z.string().max(100),
    name: objectName.optional(),
    labelSelector: z.string().max(1000).optional(),
    fieldSelector: z.string().max(1000).optional(),
    /** Revision of the list that the window holds; absent means from now. */
    resourceVersion: z.string().max(40).optional(),
  }),
  z.object({
    id: z.string().max(200),
    type: z.literal('run-events'),
    org: objectName,
    run: objectName,
    /** Seq that the window holds; absent means from now. */
    after: z.number().int().min(0).optional(),
  }),
  z.object({
    id: z.string().max(200),
    type: z.literal('audit'),
    org: objectName,
    /** Sequence of the last record that the window holds; absent means from now. */
    after: z.number().int().min(0).optional(),
  }),
  z.object({
    id: z.string().max(200),
    /** Those of who asks. */
    type: z.literal('notifications'),
    /** Id of the youngest that the window holds; absent means from now. */
    after: z.number().int().min(0).optional(),
  }),
]);
export type LiveTopic = z.output<typeof liveTopic>;

export const liveInput = z.object({
  topics: z.array(liveTopic).max(64),
  /** Set by the client library on reconnect: where each topic had got to. Wins over the topics' own start. */
  lastEventId: z.string().max(8192).optional(),
});

/** One message of the stream. `expired`: history is gone, list again. `error`: the topic ended, say why. */
export type LiveMessage =
  | { topic: string; type: 'ready' }
  | { topic: string; type: 'resource'; event: 'ADDED' | 'MODIFIED' | 'DELETED'; resourceVersion: string; object: Record<string, unknown> }
  | { topic: string; type: 'run-events'; items: { seq: number; id: string; at: string; type: string; data: unknown }[] }
  | { topic: string; type: 'audit'; items: AuditRecord[] }
  | { topic: string; type: 'notifications'; items: NotificationView[] }
  | { topic: string; type: 'expired' }
  | { topic: string; type: 'error'; code: string; message: string };
