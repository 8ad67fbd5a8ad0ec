import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKubeDoor, type KubeDoor } from '../../../../test/harness/kubeDoor';

/** What kubectl asks with since 1.30, and from 1.27 to 1.29. */
const KUBECTL = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
const OLDER_KUBECTL = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

let door: KubeDoor;
beforeAll(async () => {
  door = await startKubeDoor();
});
afterAll(() => door[Symbol.asyncDispose]());

interface Resource {
  readonly name: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly storageVersionHash: string;
}
interface Item {
  readonly metadata: { readonly name: string };
  readonly versions: readonly { readonly version: string; readonly freshness: string; readonly resources: readonly Resource[] }[];
}

const get = (path: string, headers: Record<string, string> = {}) => door.request('GET', path, { headers });

describe('plain discovery', () => {
  it('lists the versions of the core group', async () => {
    expect((await get('/api')).body).toEqual({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: new URL(door.url).host }] });
    expect((await get('/api/')).status).toBe(200);
  });

  it('lists groups, those of the declared kinds first', async () => {
    const { body } = await get('/apis');
    expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
    expect((body.groups as Resource[]).map((group) => group.name)).toEqual(['kradle.a5c.ai', 'krate.a5c.ai', 'authentication.k8s.io', 'authorization.k8s.io', 'events.k8s.io']);
    const version = { groupVersion: 'krate.a5c.ai/v1alpha1', version: 'v1alpha1' };
    expect((await get('/apis/krate.a5c.ai')).body).toEqual({ kind: 'APIGroup', apiVersion: 'v1', name: 'krate.a5c.ai', versions: [version], preferredVersion: version });
  });

  it('lists the resources of a group with their status, verbs and names', async () => {
    const { body } = await get('/apis/kradle.a5c.ai/v1alpha1');
    expect(body).toMatchObject({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'kradle.a5c.ai/v1alpha1' });
    expect((body.resources as Resource[]).map((each) => each.name)).toEqual(['boxes', 'boxes/status', 'realms', 'realms/status', 'shelves', 'shelves/status']);
    expect(body.resources[4]).toEqual({
      name: 'shelves', singularName: 'shelf', namespaced: true, kind: 'Shelf', verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['sh'], categories: ['kradle', 'kradle-forge'], storageVersionHash: expect.stringMatching(/^[\w+/]{11}=$/),
    });
    expect(body.resources[5]).toEqual({ name: 'shelves/status', singularName: '', namespaced: true, kind: 'Shelf', verbs: ['get', 'patch', 'update'] });
  });

  it('lists older names in the older group, stored as the present ones', async () => {
    const [present, older] = await Promise.all(['kradle', 'krate'].map(async (group) => (await get(`/apis/${group}.a5c.ai/v1alpha1`)).body.resources as Resource[]));
    const racks = older?.find((each) => each.name === 'racks');
    expect(racks).toMatchObject({ singularName: 'rack', kind: 'Rack' });
    expect(racks).not.toHaveProperty('shortNames');
    expect(racks?.storageVersionHash).toBe(present?.find((each) => each.name === 'shelves')?.storageVersionHash);
  });

  it('lists what there is of Kubernetes itself', async () => {
    const { body } = await get('/api/v1');
    expect((body.resources as Resource[]).map((each) => [each.name, each.namespaced])).toEqual([['configmaps', true], ['events', true], ['namespaces', false], ['secrets', true], ['services', true]]);
    expect(((await get('/apis/authorization.k8s.io/v1')).body.resources as Resource[]).map((each) => [each.name, each.verbs])).toEqual([
      ['selfsubjectaccessreviews', ['create']], ['selfsubjectrulesreviews', ['create']],
    ]);
  });

  it.each(['/apis/apps', '/apis/apps/v1', '/apis/kradle.a5c.ai/v1'])('answers 404 with a Status at %s', async (path) => {
    expect((await get(path)).body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
  });

  it('answers YAML, and refuses protobuf alone', async () => {
    const yaml = await get('/apis/kradle.a5c.ai', { Accept: 'application/yaml' });
    expect([yaml.headers.get('content-type'), yaml.body]).toEqual(['application/yaml', expect.stringContaining('kind: APIGroup\n')]);
    const refused = await get('/apis', { Accept: 'application/vnd.kubernetes.protobuf' });
    expect([refused.status, refused.body.reason]).toEqual([406, 'NotAcceptable']);
    expect((await get('/apis/apps', { Accept: 'application/yaml' })).body).toContain('kind: Status\n');
  });
});

describe('aggregated discovery', () => {
  it.each([[KUBECTL, 'v2'], [OLDER_KUBECTL, 'v2beta1']])('is answered in the version that is asked for', async (accept, version) => {
    const { headers, body } = await get('/apis', { Accept: accept });
    expect(headers.get('content-type')).toBe(`application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
    expect((body.items as Item[]).map((item) => item.metadata.name)).toEqual(['kradle.a5c.ai', 'krate.a5c.ai', 'authentication.k8s.io', 'authorization.k8s.io', 'events.k8s.io']);
  });

  it('says the same of a resource as the plain one', async () => {
    const { body } = await get('/apis', { Accept: KUBECTL });
    const [version] = (body.items as Item[])[1]?.versions ?? [];
    expect([version?.version, version?.freshness]).toEqual(['v1alpha1', 'Current']);
    expect(version?.resources.find((each) => each.resource === 'racks')).toEqual({
      resource: 'racks', responseKind: { group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Rack' }, scope: 'Namespaced', singularResource: 'rack',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      subresources: [{ subresource: 'status', responseKind: { group: 'krate.a5c.ai', version: 'v1alpha1', kind: 'Rack' }, verbs: ['get', 'patch', 'update'] }],
    });
  });

  it('has the core group at /api', async () => {
    const { body } = await get('/api', { Accept: KUBECTL });
    expect(body.items).toHaveLength(1);
    expect(body.items[0].metadata).not.toHaveProperty('name');
    expect((body.items as Item[])[0]?.versions[0]?.resources.find((each) => each.resource === 'namespaces')).toMatchObject({ scope: 'Cluster', responseKind: { group: '', version: 'v1', kind: 'Namespace' } });
  });

  it('is not sent again to who has it', async () => {
    const etag = (await get('/apis', { Accept: KUBECTL })).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect((await get('/apis', { Accept: KUBECTL, 'If-None-Match': etag })).status).toBe(304);
    expect((await get('/apis', { Accept: OLDER_KUBECTL, 'If-None-Match': etag })).status).toBe(200);
  });
});

describe('version and services', () => {
  it('says which Kubernetes it speaks, and which Kradle it is', async () => {
    expect((await get('/version')).body).toMatchObject({ major: '1', minor: '32', gitVersion: 'v1.32.0+kradle.0.0.0' });
  });

  it('has no services', async () => {
    expect((await get('/api/v1/namespaces/kube-system/services?labelSelector=kubernetes.io%2Fcluster-service%3Dtrue')).body).toMatchObject({ kind: 'ServiceList', items: [] });
    expect((await get('/api/v1/namespaces/kube-system/services/dns')).body).toMatchObject({ reason: 'NotFound', details: { name: 'dns', kind: 'services' } });
  });
});

describe('impersonation', () => {
  it.each(['/apis', '/version', '/openapi/v3', '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-acme/shelves'])('is refused at %s', async (path) => {
    for (const header of ['Impersonate-User', 'Impersonate-Group']) expect((await get(path, { [header]: 'bob' })).body).toMatchObject({ kind: 'Status', reason: 'Forbidden', code: 403 });
  });
});
