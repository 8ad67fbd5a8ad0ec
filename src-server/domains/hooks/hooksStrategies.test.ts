import { expect, it } from 'vitest';
import { WebhookDelivery } from '#shared/kinds/hooks/webhookDelivery';
import { WebhookSubscription } from '#shared/kinds/hooks/webhookSubscription';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';
import { hooksStrategies } from './hooksStrategies';

const hook = { url: 'https://example.com/hook', events: ['RUN_COMPLETED', 'pullrequest.*', '*'] };

it('a webhook has an address of the web without a password, and waits that grow', async () => {
  const { create } = await createKindResources(hooksStrategies());
  await create(WebhookSubscription, 'ci', { ...hook, retry: { maxAttempts: 3 }, delivery: { timeout: '30s' }, signing: { secretRef: { name: 'hooks' } } });
  for (const url of ['ftp://example.com', 'https://ada:secret@example.com/hook', 'https://example.com:99999/hook', 'example.com/hook']) {
    await expect(create(WebhookSubscription, 'wrong', { ...hook, url }), url).rejects.toMatchObject(refusalOf('spec.url'));
  }
  await expect(create(WebhookSubscription, 'wrong', { ...hook, retry: { backoff: '2h', maxBackoff: '1h' }, delivery: { timeout: '10m' } })).rejects.toMatchObject(refusalOf('spec.delivery.timeout', 'spec.retry.backoff'));
  await expect(create(WebhookSubscription, 'wrong', { ...hook, events: ['not an event'] })).rejects.toMatchObject(refusalOf('spec.events[0]'));
  await expect(create(WebhookSubscription, 'wrong', { ...hook, signing: { secretRef: { name: 'hooks', namespace: 'kradle-org-other' } } })).rejects.toMatchObject({ code: 'CROSS_ORG_REF_DENIED' });
});

it('a delivery repeats an earlier one to the same webhook', async () => {
  const { create } = await createKindResources(hooksStrategies());
  for (const name of ['ci', 'chat']) await create(WebhookSubscription, name, hook);
  const delivery = { subscription: 'ci', eventType: 'push', signature: 'sha256=00' };
  await create(WebhookDelivery, 'first', delivery);
  await create(WebhookDelivery, 'again', { ...delivery, replayOf: 'first' });
  await expect(create(WebhookDelivery, 'else', { ...delivery, subscription: 'chat', replayOf: 'first' })).rejects.toMatchObject(refusalOf('spec.replayOf'));
  await expect(create(WebhookDelivery, 'itself', { ...delivery, replayOf: 'itself' })).rejects.toMatchObject(refusalOf('spec.replayOf'));
  await expect(create(WebhookDelivery, 'lost', { ...delivery, subscription: 'gone' })).rejects.toMatchObject(refusalOf('spec.subscription'));
});
