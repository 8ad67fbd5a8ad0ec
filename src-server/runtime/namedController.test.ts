import { expect, it } from 'vitest';
import { createTestResources } from '../../test/harness/testResources';
import { Shelf } from '../../test/harness/throwAwayKinds';
import type { ResourceClient } from '../resources/resourceClient';
import { namedController } from './namedController';

it('makes a controller whose writes carry its name, from a context whose client comes later', async () => {
  const late: { resources?: ResourceClient } = {};
  const ctx = {
    place: 'hall',
    get resources(): ResourceClient {
      if (late.resources === undefined) throw new Error('too early');
      return late.resources;
    },
  };
  const controller = namedController(ctx, (own) => ({
    name: 'shelf-keeper',
    kind: Shelf,
    async reconcile(ref) {
      expect(own.place).toBe('hall');
      await own.resources.mutateStatus(Shelf, ref, (status) => { status.boxes = 1; });
    },
  }));
  const { resources } = await createTestResources();
  late.resources = resources;
  const ref = { org: 'acme', name: 'oak' };
  await resources.create(Shelf, 'acme', { metadata: { name: 'oak' }, spec: {} as never });
  await controller.reconcile(ref, { signal: new AbortController().signal, log: undefined as never });
  expect((await resources.get(Shelf, ref)).metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource])).toEqual([['kradle', undefined], ['shelf-keeper', 'status']]);
});
