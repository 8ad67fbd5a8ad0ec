import { describe, expect, it } from 'vitest';
import { createTestResources } from '../../test/harness/testResources';
import { Shelf } from '../../test/harness/throwAwayKinds';
import { withoutManagedFields } from './withoutManagedFields';

const ref = { org: 'acme', name: 'oak' };

describe('a client for doors that do not show who manages what', () => {
  it('leaves it out of every answer, and a write through it keeps it', async () => {
    const { resources } = await createTestResources();
    const client = withoutManagedFields(resources).as({ kind: 'user', name: 'ada', orgs: ['acme'] });
    const abort = new AbortController();
    const watch = client.watch(Shelf, { org: 'acme', signal: abort.signal })[Symbol.asyncIterator]();
    const watchOrg = client.watchOrg({ org: 'acme', kinds: [Shelf], signal: abort.signal })[Symbol.asyncIterator]();
    const answers = [
      await client.create(Shelf, 'acme', { metadata: { name: 'oak' }, spec: { note: 'n' } as never }),
      await client.get(Shelf, ref),
      await client.find(Shelf, ref),
      ...(await client.list(Shelf, { org: 'acme' })).items,
      ...(await client.listOrg({ org: 'acme', kinds: [Shelf] })).items,
      (await client.apply(Shelf, 'acme', { metadata: { name: 'oak' }, spec: { height: 4 } as never })).object,
      await client.update(Shelf, 'acme', await client.get(Shelf, ref)),
      await client.mutate(Shelf, ref, (draft) => { draft.spec.height = 5; }),
      await client.mutateStatus(Shelf, ref, (status) => { status.boxes = 1; }),
      await client.updateStatus(Shelf, 'acme', { ...(await client.get(Shelf, ref)), status: { boxes: 2 } }),
      (await client.patch(Shelf, ref, { type: 'merge', patch: { spec: { height: 6 } } })).object,
      (await watch.next() as IteratorYieldResult<{ object?: { metadata: object } }>).value.object,
      (await watchOrg.next() as IteratorYieldResult<{ object?: { metadata: object } }>).value.object,
    ];
    const stored = await resources.get(Shelf, ref);
    answers.push(await client.delete(Shelf, ref));
    abort.abort();
    for (const answer of answers) {
      expect(answer?.metadata).toMatchObject({ name: 'oak' });
      expect(answer?.metadata).not.toHaveProperty('managedFields');
    }
    expect(stored.metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource])).toEqual([['ada', undefined], ['ada', 'status']]);
  });
});
