import { DEFAULT_PREFERENCES, notificationData, notificationType, type NotificationData, type NotificationPage, type NotificationPreferences, type NotificationType, type NotificationView } from '#shared/api/notifications';
import { StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { timestampOf, type Clock } from '../../app/clock';
import type { ResourceClient } from '../../resources/resourceClient';
import type { EventLog } from '../../store/eventLog';
import { Inbox } from './inbox';

/** Kept for each account; older ones go. */
export const MAX_NOTIFICATIONS = 5_000;
/** How many more may gather before the old ones go. */
const TRIM_SLACK = 500;
/** Counted at most: "99+" says as much to a person. */
const MAX_UNREAD = 1_000;

export type InboxObject = ObjectOf<typeof Inbox>;

export interface NewNotification extends NotificationData {
  /** The same for the same happening: telling it again tells nothing. */
  readonly id: string;
  readonly type: NotificationType;
}

/** What each account is told. Acts for the system; every method is about the one account that it names. */
export interface Notifications {
  notify(account: string, notification: NewNotification): Promise<void>;
  list(account: string, query: { readonly unread?: boolean | undefined; readonly type?: NotificationType | undefined; readonly org?: string | undefined; readonly limit: number; readonly before?: number | undefined }): Promise<NotificationPage>;
  unread(account: string): Promise<number>;
  markRead(account: string, ids: readonly number[]): Promise<void>;
  markAllRead(account: string): Promise<void>;
  preferences(account: string): Promise<NotificationPreferences>;
  /** Replaces them. A webhook hears of what comes from now on. */
  setPreferences(account: string, preferences: NotificationPreferences, webhookKeyId: string): Promise<void>;
  /** New notifications from after this id on, or from now on, until the signal ends it. */
  follow(account: string, opts: { readonly after?: number | undefined; readonly signal: AbortSignal }): AsyncIterable<NotificationView[]>;
  find(account: string): Promise<InboxObject | undefined>;
  /** Forgets an account that is gone. */
  drop(account: string): Promise<void>;
}

export function notificationStream(account: string): string {
  return `notifications/${account}`;
}

export function createNotifications(deps: { readonly resources: ResourceClient; readonly eventLog: EventLog; readonly clock: Clock }): Notifications {
  const { resources, eventLog, clock } = deps;
  const ref = (account: string) => ({ org: account, name: account });
  const find = (account: string): Promise<InboxObject | undefined> => resources.find(Inbox, ref(account));

  async function readState(account: string): Promise<{ through: number; read: ReadonlySet<number> }> {
    const { readThrough: through = 0, read = [] } = (await find(account))?.status ?? {};
    return { through, read: new Set(read) };
  }

  async function changeReadState(account: string, change: (state: { through: number; read: Set<number> }) => void): Promise<void> {
    await ensureInbox(resources, account);
    await resources.mutateStatus(Inbox, ref(account), (status) => {
      const state = { through: status.readThrough ?? 0, read: new Set(status.read) };
      change(state);
      status.readThrough = state.through;
      status.read = [...state.read].filter((id) => id > state.through).sort((a, b) => a - b).slice(-MAX_NOTIFICATIONS);
    });
  }

  async function unread(account: string): Promise<number> {
    const { through, read } = await readState(account);
    const { items } = await eventLog.read(notificationStream(account), { after: through, limit: MAX_UNREAD });
    return items.filter(({ seq }) => !read.has(seq)).length;
  }

  return {
    find,
    unread,
    async notify(account, { id, type, ...data }) {
      const stream = notificationStream(account);
      const { lastSeq, stored } = await eventLog.append(stream, [{ id, at: timestampOf(clock), type, data: notificationData.parse(data) }]);
      if (stored === 0) return;
      if ((await find(account))?.status?.webhook !== undefined) {
        await resources.mutateStatus(Inbox, ref(account), (status) => {
          if (status.webhook !== undefined) status.webhook.head = Math.max(status.webhook.head, lastSeq);
        });
      }
      if (lastSeq % TRIM_SLACK === 0 && lastSeq > MAX_NOTIFICATIONS) await eventLog.trim(stream, lastSeq - MAX_NOTIFICATIONS);
    },
    async list(account, query) {
      const { through, read } = await readState(account);
      const wanted = (view: NotificationView): boolean =>
        (query.unread !== true || !view.read) && (query.type === undefined || view.type === query.type) && (query.org === undefined || view.org === query.org);
      const items: NotificationView[] = [];
      let before = query.before ?? Number.MAX_SAFE_INTEGER;
      for (;;) {
        const page = await eventLog.read(notificationStream(account), { before, limit: PAGE });
        for (const event of page.items.toReversed()) {
          before = event.seq;
          const view = toView(event, event.seq <= through || read.has(event.seq));
          if (view !== undefined && wanted(view)) items.push(view);
          if (items.length === query.limit) return { items, next: before, unread: await unread(account) };
        }
        if (page.items.length < PAGE) return { items, unread: await unread(account) };
      }
    },
    async markRead(account, ids) {
      const { lastSeq } = await eventLog.read(notificationStream(account), { after: Number.MAX_SAFE_INTEGER, limit: 1 });
      const unknown = ids.find((id) => id > lastSeq);
      if (unknown !== undefined) throw new StatusError('NotFound', `There is no notification ${unknown}`);
      await changeReadState(account, ({ read }) => ids.forEach((id) => read.add(id)));
    },
    async markAllRead(account) {
      const { lastSeq } = await eventLog.read(notificationStream(account), { after: Number.MAX_SAFE_INTEGER, limit: 1 });
      await changeReadState(account, (state) => {
        state.through = lastSeq;
      });
    },
    async preferences(account) {
      const kept = (await find(account))?.spec.preferences;
      return kept === undefined ? DEFAULT_PREFERENCES : { ...kept, types: { ...DEFAULT_PREFERENCES.types, ...kept.types } };
    },
    async setPreferences(account, preferences, webhookKeyId) {
      await ensureInbox(resources, account);
      const before = await find(account);
      const sameUrl = preferences.webhook !== undefined && before?.spec.preferences?.webhook?.url === preferences.webhook.url;
      await resources.mutate(Inbox, ref(account), (draft) => {
        draft.spec.preferences = preferences;
        if (!sameUrl) draft.spec.webhookKeyId = webhookKeyId;
      });
      if (sameUrl && before.status?.webhook !== undefined) return;
      const { lastSeq } = await eventLog.read(notificationStream(account), { after: Number.MAX_SAFE_INTEGER, limit: 1 });
      await resources.mutateStatus(Inbox, ref(account), (status) => {
        if (preferences.webhook === undefined) delete status.webhook;
        else status.webhook = { through: lastSeq, head: lastSeq };
      });
    },
    async *follow(account, { after, signal }) {
      const stream = notificationStream(account);
      const from = after ?? (await eventLog.read(stream, { after: Number.MAX_SAFE_INTEGER, limit: 1 })).lastSeq;
      for await (const batch of eventLog.follow(stream, { after: from, signal })) yield batch.flatMap((event) => toView(event, false) ?? []);
    },
    async drop(account) {
      await eventLog.drop(notificationStream(account));
      if ((await find(account)) !== undefined) await resources.delete(Inbox, ref(account));
    },
  };
}

const PAGE = 500;

/** Makes the inbox of an account unless it is there; two may do it at once. */
export async function ensureInbox(resources: ResourceClient, account: string): Promise<void> {
  if ((await resources.find(Inbox, { org: account, name: account })) === undefined) await resources.apply(Inbox, account, { metadata: { name: account }, spec: {} });
}

/** Undefined for a record of another version that this one does not understand. */
export function toView(event: { readonly seq: number; readonly at: string; readonly type: string; readonly data: unknown }, read: boolean): NotificationView | undefined {
  const type = notificationType.safeParse(event.type);
  const data = notificationData.safeParse(event.data);
  return type.success && data.success ? { ...data.data, id: event.seq, type: type.data, at: event.at, read } : undefined;
}
