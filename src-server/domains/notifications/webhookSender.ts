import { createHmac } from 'node:crypto';
import { isStatusError } from '#shared/api/status';
import { timestampOf, type Clock } from '../../app/clock';
import type { KeyRing } from '../../app/keyRing';
import type { SafeFetch } from '../../http/safeFetch';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Controller } from '../../runtime/controller';
import type { EventLog, StoredEvent } from '../../store/eventLog';
import { Inbox } from './inbox';
import { notificationStream, toView } from './notifications';

export interface WebhookSenderDeps {
  readonly resources: ResourceClient;
  readonly eventLog: EventLog;
  readonly keys: () => KeyRing;
  /** Leads nowhere that people may not send the server to. */
  readonly fetch: SafeFetch;
  readonly clock: Clock;
}

/** Waits between the tries of one notification, in ms. After the last it is given up, so that it does not hold up the others for ever. */
const RETRY_AFTER_MS: readonly number[] = [5_000, 30_000, 120_000, 600_000];
const TIMEOUT_MS = 10_000;

/**
 * Sends the notifications of accounts that have a webhook there, one after the other in their order, each until it is taken or given up.
 * How far it has come is in the inbox, so a restart sends none twice but the one whose answer was lost.
 */
export function createWebhookSender(deps: WebhookSenderDeps): Controller {
  const { resources, eventLog, clock } = deps;
  return {
    name: 'notification-webhook',
    kind: Inbox,
    async reconcile({ name: account }, { signal, log }) {
      const ref = { org: account, name: account };
      for (;;) {
        const inbox = await resources.find(Inbox, ref);
        const preferences = inbox?.spec.preferences;
        const { webhook } = inbox?.status ?? {};
        if (preferences?.webhook === undefined || webhook === undefined || signal.aborted) return;
        const next = await eventLog.read(notificationStream(account), { after: webhook.through, limit: 1 });
        const [event] = next.items;
        if (event === undefined) return;
        const view = toView(event, false);
        const failure = view === undefined || !preferences.types[view.type].webhook ? undefined : await post(deps, { account, url: preferences.webhook.url, event, keyId: inbox?.spec.webhookKeyId, signal });
        const tries = (webhook.tries ?? 0) + 1;
        const waitMs = failure === undefined ? undefined : RETRY_AFTER_MS[tries - 1];
        if (failure !== undefined) log.info({ account, seq: event.seq, tries, failure, givenUp: waitMs === undefined }, 'notification was not taken');
        await resources.mutateStatus(Inbox, ref, (status) => {
          const { tries: _tries, ...state } = status.webhook ?? webhook;
          const outcome = failure === undefined ? { deliveredAt: timestampOf(clock) } : { failedAt: timestampOf(clock), message: waitMs === undefined ? `${failure}; given up` : failure };
          status.webhook = waitMs === undefined ? { ...state, ...outcome, through: event.seq } : { ...state, ...outcome, tries };
        });
        if (waitMs !== undefined) return { requeueAfterMs: waitMs };
      }
    },
  };
}

/** The secret that an account's webhook is signed with, as its receiver enters it. Source: standardwebhooks.com, "Signature scheme". */
export function signingSecret(keys: KeyRing, account: string, keyId: string | undefined): string {
  return `whsec_${signingKey(keys, account, keyId).toString('base64')}`;
}

function signingKey(keys: KeyRing, account: string, keyId: string | undefined): Buffer {
  // The key that it came from may have been retired; the receiver is shown the new secret in the preferences.
  const known = keyId === undefined ? undefined : keys.byId(keyId)?.id;
  return keys.derive(`notification webhook ${account}`, known);
}

interface Delivery {
  readonly account: string;
  readonly url: string;
  readonly event: StoredEvent;
  readonly keyId: string | undefined;
  readonly signal: AbortSignal;
}

/** Undefined when it was taken, else why not. */
async function post({ fetch, keys, clock }: WebhookSenderDeps, { account, url, event, keyId, signal }: Delivery): Promise<string | undefined> {
  const id = `${account}/${event.seq}`;
  const timestamp = String(Math.floor(clock.now() / 1000));
  const body = JSON.stringify({ type: event.type, timestamp: event.at, data: event.data });
  const signature = createHmac('sha256', signingKey(keys(), account, keyId)).update(`${id}.${timestamp}.${body}`).digest('base64');
  try {
    const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    const { status } = await fetch(url, { method: 'POST', headers, body, timeoutMs: TIMEOUT_MS, signal });
    return status >= 200 && status < 300 ? undefined : `the endpoint answered ${status}`;
  } catch (error) {
    if (isStatusError(error)) return error.message;
    throw error;
  }
}
