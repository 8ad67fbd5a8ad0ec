import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKubeDoor, type KubeDoor } from '../../../../test/harness/kubeDoor';
import type { Actor } from '../../../resources/actor';

const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const RULES = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
const ORGS = ['acme', 'other', 'hidden'];

interface Attributes {
  readonly verb: string;
  readonly resource: string;
  readonly group?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

const doors: KubeDoor[] = [];
async function doorFor(actor?: Actor): Promise<KubeDoor> {
  const door = await startKubeDoor({ orgs: ORGS, ...(actor === undefined ? {} : { actor }) });
  doors.push(door);
  return door;
}

let member: KubeDoor;
let administrator: KubeDoor;
let run: KubeDoor;
beforeAll(async () => {
  member = await doorFor();
  administrator = await doorFor({ kind: 'user', name: 'admin', displayName: 'Ada', orgs: '*' });
  run = await doorFor({ kind: 'run', name: 'fix', orgs: ['acme'], run: { org: 'acme', name: 'fix' } });
});
afterAll(async () => {
  for (const door of doors) await door[Symbol.asyncDispose]();
});

async function ask(door: KubeDoor, attributes: Attributes): Promise<{ allowed: boolean; reason: string }> {
  const { status, body } = await door.request('POST', ACCESS, { body: { spec: { resourceAttributes: { group: 'kradle.a5c.ai', ...attributes } } } });
  expect(status).toBe(201);
  return body.status as { allowed: boolean; reason: string };
}

describe('access reviews', () => {
  it('answers with the object as Kubernetes does', async () => {
    const spec = { resourceAttributes: { namespace: 'kradle-org-acme', verb: 'create', group: 'kradle.a5c.ai', resource: 'shelves' } };
    const { status, body } = await member.request('POST', ACCESS, { body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {}, spec } });
    expect([status, body]).toEqual([201, { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: { creationTimestamp: null }, spec, status: { allowed: true, reason: '' } }]);
  });

  it.each<[string, Attributes, boolean]>([
    ['their namespace', { namespace: 'kradle-org-acme', verb: 'delete', resource: 'shelves' }, true],
    ['its older spelling', { namespace: 'krate-org-acme', verb: 'delete', resource: 'shelves' }, true],
    ['the older group and name', { group: 'krate.a5c.ai', namespace: 'kradle-org-acme', verb: 'patch', resource: 'racks' }, true],
    ['an older name in the present group', { namespace: 'kradle-org-acme', verb: 'get', resource: 'racks' }, false],
    ['a status', { namespace: 'kradle-org-acme', verb: 'patch', resource: 'shelves', subresource: 'status' }, true],
    ['a subresource that is not there', { namespace: 'kradle-org-acme', verb: 'get', resource: 'shelves', subresource: 'scale' }, false],
    ['the namespace of another', { namespace: 'kradle-org-hidden', verb: 'get', resource: 'shelves' }, false],
    ['a namespace of nobody', { namespace: 'kube-system', verb: 'get', resource: 'shelves' }, false],
    ['the default namespace: their first organization', { namespace: 'default', verb: 'create', resource: 'shelves' }, true],
    ['a list over all namespaces: of what they may see', { verb: 'list', resource: 'shelves' }, true],
    ['a write in all namespaces', { verb: 'create', resource: 'shelves' }, false],
    ['everything in their namespace', { group: '*', namespace: 'kradle-org-acme', verb: '*', resource: 'shelves' }, true],
    ['everything everywhere', { group: '*', verb: '*', resource: '*' }, false],
    ['their own platform object', { verb: 'update', resource: 'realms', name: 'acme' }, true],
    ['the platform object of another', { verb: 'update', resource: 'realms', name: 'hidden' }, false],
    ['a new platform object', { namespace: 'kradle-system', verb: 'create', resource: 'realms', name: 'brandnew' }, false],
    ['a resource that is not there', { namespace: 'kradle-org-acme', verb: 'get', resource: 'tables' }, false],
    ['namespaces', { group: '', verb: 'list', resource: 'namespaces' }, true],
    ['their namespace itself', { group: '', verb: 'get', resource: 'namespaces', name: 'kradle-org-acme' }, true],
    ['the namespace of another itself', { group: '', verb: 'get', resource: 'namespaces', name: 'kradle-org-hidden' }, false],
    ['a new namespace', { group: '', verb: 'create', resource: 'namespaces' }, false],
    ['secrets in their namespace', { group: '', namespace: 'kradle-org-acme', verb: 'list', resource: 'secrets' }, true],
    ['a new secret', { group: '', namespace: 'kradle-org-acme', verb: 'create', resource: 'secrets' }, false],
    ['a review', { group: 'authorization.k8s.io', verb: 'create', resource: 'selfsubjectaccessreviews' }, true],
  ])('of a member: %s', async (_, attributes, allowed) => {
    expect(await ask(member, attributes)).toMatchObject({ allowed });
  });

  it('tells what is hidden like what is not there', async () => {
    for (const [hidden, nowhere] of [
      [{ namespace: 'kradle-org-hidden', verb: 'get', resource: 'shelves' }, { namespace: 'kradle-org-nowhere', verb: 'get', resource: 'shelves' }],
      [{ verb: 'delete', resource: 'realms', name: 'hidden' }, { verb: 'delete', resource: 'realms', name: 'nowhere' }],
    ] as const) {
      const answer = await ask(member, hidden);
      expect(answer).toEqual(await ask(member, nowhere));
      expect(answer.reason).not.toContain('hidden');
    }
  });

  it.each<Attributes>([
    { group: '*', verb: '*', resource: '*' },
    { verb: 'create', resource: 'shelves' },
    { verb: 'delete', resource: 'realms', name: 'hidden' },
    { namespace: 'kradle-org-hidden', verb: 'deletecollection', resource: 'shelves' },
  ])('allows an administrator %j', async (attributes) => {
    expect(await ask(administrator, attributes)).toMatchObject({ allowed: true });
  });

  it('allows a run to read itself, and nothing else', async () => {
    expect(await ask(run, { namespace: 'kradle-org-acme', verb: 'get', resource: 'boxes', name: 'fix' })).toMatchObject({ allowed: true });
    for (const attributes of [
      { namespace: 'kradle-org-acme', verb: 'get', resource: 'boxes', name: 'other' },
      { namespace: 'kradle-org-acme', verb: 'list', resource: 'boxes' },
      { verb: 'list', resource: 'boxes' },
      { namespace: 'default', verb: 'get', resource: 'boxes', name: 'fix' },
      { group: '', verb: 'list', resource: 'namespaces' },
    ]) {
      expect([attributes, (await ask(run, attributes)).allowed]).toEqual([attributes, false]);
    }
  });

  it('decides over addresses that are no resources', async () => {
    const askPath = async (door: KubeDoor, path: string, verb = 'get') =>
      (await door.request('POST', ACCESS, { body: { spec: { nonResourceAttributes: { path, verb } } } })).body.status.allowed as boolean;
    expect([await askPath(member, '/version'), await askPath(member, '/apis/kradle.a5c.ai'), await askPath(member, '/metrics')]).toEqual([true, true, true]);
    expect([await askPath(run, '/version'), await askPath(run, '/metrics'), await askPath(member, '/logs'), await askPath(member, '/version', 'post')]).toEqual([true, false, false, false]);
  });

  it('says what is wrong with a review', async () => {
    for (const [body, field] of [
      [{}, 'spec'], [{ spec: {} }, 'spec'], [{ spec: { resourceAttributes: { verb: 7 } } }, 'spec.resourceAttributes.verb'], [{ kind: 'Shelf', spec: {} }, 'kind'],
      [{ spec: { resourceAttributes: {}, nonResourceAttributes: {} } }, 'spec'],
    ] as const) {
      const answer = await member.request('POST', ACCESS, { body });
      expect([answer.status, answer.body.details.causes[0].field]).toEqual([422, field]);
    }
    expect((await member.request('POST', ACCESS, { body: 'kind: [' , headers: { 'Content-Type': 'application/yaml' } })).status).toBe(400);
    expect((await member.request('POST', ACCESS, { body: 'x', headers: { 'Content-Type': 'text/plain' } })).body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  });

  it('reads YAML', async () => {
    const body = 'spec:\n  resourceAttributes: { verb: get, group: kradle.a5c.ai, resource: shelves, namespace: kradle-org-acme }\n';
    expect((await member.request('POST', ACCESS, { body, headers: { 'Content-Type': 'application/yaml' } })).body.status.allowed).toBe(true);
  });
});

describe('rules reviews', () => {
  const rulesIn = async (door: KubeDoor, namespace: string) =>
    (await door.request('POST', RULES, { body: { spec: { namespace } } })).body.status as { resourceRules: object[]; nonResourceRules: { nonResourceURLs: string[] }[]; incomplete: boolean };

  it('lists what a member may do in a namespace', async () => {
    const { resourceRules, nonResourceRules, incomplete } = await rulesIn(member, 'kradle-org-acme');
    expect(incomplete).toBe(false);
    expect(resourceRules).toContainEqual({
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'], apiGroups: ['krate.a5c.ai'], resources: ['boxes', 'racks', 'shelves'],
    });
    expect(resourceRules).toContainEqual({ verbs: ['get', 'list', 'watch'], apiGroups: ['kradle.a5c.ai'], resources: ['realms'] });
    expect(nonResourceRules[0]?.nonResourceURLs).toContain('/version');
  });

  it('lists nothing of kinds in a namespace that is hidden', async () => {
    const { resourceRules } = await rulesIn(member, 'kradle-org-hidden');
    expect(resourceRules).not.toContainEqual(expect.objectContaining({ resources: expect.arrayContaining(['shelves']) }));
    expect(resourceRules).toEqual((await rulesIn(member, 'kradle-org-nowhere')).resourceRules);
  });

  it('says in one line that an administrator may do everything', async () => {
    expect((await rulesIn(administrator, 'kradle-org-acme')).resourceRules[0]).toMatchObject({ apiGroups: [''] });
    expect((await rulesIn(administrator, 'kradle-org-acme')).resourceRules).toContainEqual(expect.objectContaining({ apiGroups: ['kradle.a5c.ai'], resources: ['*'] }));
  });

  it('names the one object that a run may read', async () => {
    expect((await rulesIn(run, 'kradle-org-acme')).resourceRules).toContainEqual({ verbs: ['get'], apiGroups: ['kradle.a5c.ai'], resources: ['boxes'], resourceNames: ['fix'] });
  });
});

describe('self reviews', () => {
  it.each(['v1', 'v1beta1'])('say who one is (%s)', async (version) => {
    const path = `/apis/authentication.k8s.io/${version}/selfsubjectreviews`;
    const body = { apiVersion: `authentication.k8s.io/${version}`, kind: 'SelfSubjectReview', metadata: {} };
    expect((await administrator.request('POST', path, { body })).body).toEqual({
      ...body, metadata: { creationTimestamp: null },
      status: { userInfo: { username: 'admin', groups: ['system:authenticated', 'kradle:organizations:all'], extra: { 'kradle.a5c.ai/display-name': ['Ada'] } } },
    });
    expect((await member.request('POST', path, { body })).body.status.userInfo.groups).toEqual(['system:authenticated', 'kradle:organizations:acme', 'kradle:organizations:other']);
    expect((await run.request('POST', path, { body })).body.status.userInfo.username).toBe('run:acme/fix');
  });
});
