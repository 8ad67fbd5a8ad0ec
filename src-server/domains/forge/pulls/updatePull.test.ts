import { afterEach, beforeEach, expect, it } from 'vitest';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { User } from '#shared/kinds/identity/user';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
let pr: string;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
  pr = await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

const timeline = async () => (await fixture.as(ada).pulls.timeline({ org, pr })).items.filter(({ type }) => type !== 'opened' && type !== 'pushed');

it('tells in the timeline which labels came and went, and who takes care of it', async () => {
  await fixture.as(ada).pulls.update({ org, pr, labels: ['bug', 'urgent'], assignees: ['ada'] });
  await fixture.as(bob).pulls.update({ org, pr, labels: ['urgent', 'later'], assignees: ['bob'] });
  await fixture.as(bob).pulls.update({ org, pr, labels: ['later', 'urgent'] });
  expect(await timeline()).toMatchObject([
    { type: 'labeled', actor: { name: 'ada' }, labels: ['bug', 'urgent'] },
    { type: 'assigned', actor: { name: 'ada' }, assignees: ['ada'] },
    { type: 'labeled', actor: { name: 'bob' }, labels: ['later'] },
    { type: 'unlabeled', actor: { name: 'bob' }, labels: ['bug'] },
    { type: 'assigned', actor: { name: 'bob' }, assignees: ['bob'] },
    { type: 'unassigned', actor: { name: 'bob' }, assignees: ['ada'] },
  ]);
});

it('names everybody who cannot take care of it, and changes nothing; who stands there already may stay', async () => {
  const assign = (assignees: string[]) => fixture.as(ada).pulls.update({ org, pr, title: 'New', assignees });
  await expect(assign(['ada', 'nobody', 'agent/none'])).rejects.toMatchObject({
    cause: { httpStatus: 422, details: { causes: [{ field: 'assignees[1]', message: 'there is nobody called "nobody"' }, { field: 'assignees[2]', message: 'there is no agent "none"' }] } },
  });
  expect((await fixture.as(ada).pulls.get({ org, pr })).spec).toMatchObject({ title: 'Change by feature' });
  await assign(['bob']);
  await fixture.resources.mutate(User, { org, name: 'bob' }, ({ spec }) => { spec.disabled = true; });
  await assign(['bob', 'ada']);
  expect((await fixture.resources.get(PullRequest, { org, name: pr })).spec.assignees).toEqual(['bob', 'ada']);
});
