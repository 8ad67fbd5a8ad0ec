import type { StatusCause } from '#shared/api/status';
import { durationMs } from '#shared/kind/durations';
import { WebhookDelivery } from '#shared/kinds/hooks/webhookDelivery';
import { WebhookSubscription } from '#shared/kinds/hooks/webhookSubscription';
import { checkNamespaceOrganization } from '../../resources/organizationNamespace';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** The rules of webhooks that their schemas cannot say. */
export function hooksStrategies(): readonly AnyStrategy[] {
  return [subscriptionStrategy, deliveryStrategy];
}

/** Longest time that a receiver may take to answer, in ms. */
const MAX_TIMEOUT_MS = 60_000;

/** An address that can be reached, waits that grow, a Secret of the organization. */
const subscriptionStrategy = defineStrategy({
  kind: WebhookSubscription,
  validate({ spec: { url, signing, delivery, retry } }, { org }) {
    checkNamespaceOrganization('spec.signing.secretRef.namespace', signing?.secretRef.namespace, org);
    const causes: StatusCause[] = [];
    if (!URL.canParse(url)) causes.push({ code: 'FieldValueInvalid', field: 'spec.url', message: `spec.url is "${url}"; it must be an http or https address with a port of at most 65535` });
    const timeoutMs = durationMs(delivery?.timeout, 1);
    if (timeoutMs === 0 || timeoutMs > MAX_TIMEOUT_MS) causes.push({ code: 'FieldValueInvalid', field: 'spec.delivery.timeout', message: `spec.delivery.timeout must be more than nothing and at most ${MAX_TIMEOUT_MS / 1000}s` });
    if (retry !== undefined && durationMs(retry.backoff, 0) > durationMs(retry.maxBackoff, 0)) {
      causes.push({ code: 'FieldValueInvalid', field: 'spec.retry.backoff', message: `spec.retry.backoff is ${retry.backoff}, longer than the longest wait, spec.retry.maxBackoff, of ${retry.maxBackoff}` });
    }
    return causes;
  },
});

/** What is sent again was sent before, to the same webhook. */
const deliveryStrategy = defineStrategy({
  kind: WebhookDelivery,
  async validate({ metadata, spec: { replayOf, subscription } }, { operation, org, resources }) {
    if (operation === 'update' || replayOf === undefined) return [];
    const problem = (message: string): StatusCause[] => [{ code: 'FieldValueInvalid', field: 'spec.replayOf', message }];
    if (replayOf === metadata.name) return problem('a delivery cannot repeat itself; name an earlier one');
    const replayed = await resources.find(WebhookDelivery, { org, name: replayOf });
    if (replayed === undefined || replayed.spec.subscription === subscription) return [];
    return problem(`"${replayOf}" went to another webhook; a delivery is repeated to the one that it was for`);
  },
});
