import { expect, it } from 'vitest';
import { Selector } from '#shared/kinds/console/selector';
import { View } from '#shared/kinds/console/view';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';
import { consoleStrategies } from './consoleStrategies';

it('a selector can be read', async () => {
  const { create } = await createKindResources(consoleStrategies());
  await create(Selector, 'all', {});
  await create(Selector, 'core', { matchLabels: { 'example.com/team': 'core' }, labelSelector: 'tier in (web,api),!legacy', fieldSelector: 'status.phase=Running' });
  await expect(create(Selector, 'wrong', { matchLabels: { 'no key': 'x' }, labelSelector: 'a in b', fieldSelector: 'phase' })).rejects.toMatchObject(refusalOf('spec.matchLabels', 'spec.labelSelector', 'spec.fieldSelector'));
});

it('a view shows fields that can be written as paths', async () => {
  const { create } = await createKindResources(consoleStrategies());
  await create(View, 'mine', { kind: 'Issue', selector: { selectorRef: 'core', fieldSelector: 'spec.state=open' }, columns: [{ path: 'spec.title' }], sort: [{ path: 'metadata.creationTimestamp', order: 'descending' }], groupBy: 'spec.column' });
  await expect(create(View, 'wrong', { selector: { labelSelector: '=' }, columns: [{ path: 'a..b' }], sort: [{ path: '__proto__' }], groupBy: 'x[' }))
    .rejects.toMatchObject(refusalOf('spec.selector.labelSelector', 'spec.columns[0].path', 'spec.sort[0].path', 'spec.groupBy'));
  await expect(create(View, 'none', {})).rejects.toMatchObject(refusalOf('spec.selector'));
});
