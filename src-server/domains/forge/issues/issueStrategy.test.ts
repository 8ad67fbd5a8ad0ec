import { expect, it } from 'vitest';
import { Issue } from '#shared/kinds/forge/issue';
import { createKindResources, refusalOf } from '../../../../test/harness/kindResources';
import { issueStrategy } from './issueStrategy';

const somebody = { kind: 'user', name: 'somebody' } as const;
const ada = { kind: 'user', name: 'ada' };

it('an issue and what is said in it belong to who wrote them', async () => {
  const { create, update, resources } = await createKindResources([issueStrategy]);
  const first = { id: '1', body: 'It is slow.', author: somebody, createdAt: '2001-01-01T00:00:00Z' };
  const { spec } = await create(Issue, 'slow', { title: 'Slow', author: somebody, comments: [first] });
  expect(spec).toMatchObject({ author: ada, state: 'open', comments: [{ id: '1', author: ada }] });
  expect(spec.comments).not.toMatchObject([{ createdAt: first.createdAt }]);

  // What the system brings from elsewhere was written there, and stays so when a person changes the issue.
  await resources.create(Issue, 'acme', { metadata: { name: 'synced' }, spec: { organizationRef: 'acme', title: 'Synced', author: somebody, comments: [first] } });
  const changed = await update(Issue, 'synced', { title: 'Synced', author: ada, comments: [{ id: '1', body: 'It is slow.', author: ada }, { id: '2', body: 'Still.' }] });
  expect(changed.spec).toMatchObject({ author: somebody, comments: [{ id: '1', author: somebody, createdAt: first.createdAt }, { id: '2', author: ada }] });
});

it('an issue is no part of itself, and its comments can be told apart', async () => {
  const { create } = await createKindResources([issueStrategy]);
  const comment = { id: '1', body: 'Twice.' };
  await expect(create(Issue, 'loop', { title: 'Loop', parent: 'loop', blockedBy: ['loop'], comments: [comment, comment] })).rejects.toMatchObject(refusalOf('spec.parent', 'spec.blockedBy', 'spec.comments[1].id'));
  await expect(create(Issue, 'odd', { title: 'Odd', comments: ['text'] })).rejects.toMatchObject(refusalOf('spec.comments[0]'));
});
