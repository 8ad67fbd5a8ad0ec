import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKubeDoor, type KubeDoor } from '../../../../test/harness/kubeDoor';
import { Box, Shelf } from '../../../../test/harness/throwAwayKinds';

const SHELVES = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-acme/shelves';
const RACKS = '/apis/krate.a5c.ai/v1alpha1/namespaces/kradle-org-acme/racks';

let door: KubeDoor;
beforeAll(async () => {
  door = await startKubeDoor({ orgs: ['acme', 'other', 'hidden'] });
  await door.parts.resources.create(Shelf, 'acme', { metadata: { name: 'oak', labels: { room: 'hall' } }, spec: { organizationRef: 'acme', note: 'first' } });
  await door.parts.resources.create(Shelf, 'acme', { metadata: { name: 'pine' }, spec: { organizationRef: 'acme', material: 'pine', height: 5 } });
  await door.parts.resources.create(Shelf, 'other', { metadata: { name: 'steel' }, spec: { organizationRef: 'other', material: 'steel' } });
  await door.parts.resources.create(Shelf, 'hidden', { metadata: { name: 'secret' }, spec: { organizationRef: 'hidden' } });
});
afterAll(() => door[Symbol.asyncDispose]());

const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map((item) => item.metadata.name);

describe('reading', () => {
  it('gets an object, and its status under its own address', async () => {
    const { status, body } = await door.request('GET', `${SHELVES}/oak`);
    expect([status, body.apiVersion, body.kind, body.metadata.namespace]).toEqual([200, 'kradle.a5c.ai/v1alpha1', 'Shelf', 'kradle-org-acme']);
    expect((await door.request('GET', `${SHELVES}/oak/status`)).body.metadata.uid).toBe(body.metadata.uid);
  });

  it('says what is not there as Kubernetes says it', async () => {
    expect((await door.request('GET', `${SHELVES}/birch`)).body).toMatchObject({
      kind: 'Status', status: 'Failure', code: 404, reason: 'NotFound', message: 'shelves.kradle.a5c.ai "birch" not found', details: { name: 'birch', group: 'kradle.a5c.ai', kind: 'shelves' },
    });
    expect((await door.request('GET', '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-acme/tables')).body).toMatchObject({ code: 404, message: 'the server could not find the requested resource' });
    expect((await door.request('GET', `${SHELVES}/oak/scale`)).status).toBe(404);
    expect((await door.request('GET', '/apis/kradle.a5c.ai/v1alpha1/shelves/oak')).status).toBe(404);
  });

  it('tells a namespace that it may not show like one that is not there', async () => {
    for (const namespace of ['kradle-org-hidden', 'kradle-org-nowhere', 'kube-system']) {
      for (const path of ['', '/oak', '?watch=true']) {
        const { status, body } = await door.request('GET', `/apis/kradle.a5c.ai/v1alpha1/namespaces/${namespace}/shelves${path}`);
        expect([namespace, path, status, body.message]).toEqual([namespace, path, 404, `namespaces "${namespace}" not found`]);
      }
    }
  });

  it('lists a namespace, and all that the actor may see', async () => {
    const { body } = await door.request('GET', SHELVES);
    expect(body).toMatchObject({ kind: 'ShelfList', apiVersion: 'kradle.a5c.ai/v1alpha1', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } });
    expect(names(body)).toEqual(['oak', 'pine']);
    expect(names((await door.request('GET', '/apis/kradle.a5c.ai/v1alpha1/shelves')).body)).toEqual(['oak', 'pine', 'steel']);
    expect(names((await door.request('GET', `${SHELVES}?labelSelector=room%3Dhall`)).body)).toEqual(['oak']);
    expect(names((await door.request('GET', `${SHELVES}?fieldSelector=spec.material%3Dpine`)).body)).toEqual(['pine']);
    expect(names((await door.request('GET', `/apis/kradle.a5c.ai/v1alpha1/shelves?fieldSelector=metadata.namespace%3Dkradle-org-other`)).body)).toEqual(['steel']);
  });

  it('pages', async () => {
    const first = (await door.request('GET', `${SHELVES}?limit=1`)).body;
    expect([names(first), first.metadata.remainingItemCount]).toEqual([['oak'], 1]);
    const second = (await door.request('GET', `${SHELVES}?limit=1&continue=${first.metadata.continue}`)).body;
    expect([names(second), second.metadata.continue, second.metadata.resourceVersion]).toEqual([['pine'], undefined, first.metadata.resourceVersion]);
  });

  it('answers no older state than the client knows', async () => {
    expect((await door.request('GET', `${SHELVES}?resourceVersion=999999`)).body).toMatchObject({
      code: 504, reason: 'Timeout', message: expect.stringContaining('Too large resource version: 999999'), details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
    });
    expect((await door.request('GET', `${SHELVES}/oak?resourceVersion=999999`)).status).toBe(504);
    expect((await door.request('GET', `${SHELVES}?resourceVersion=1`)).status).toBe(200);
    expect((await door.request('GET', `${SHELVES}?resourceVersion=0`)).status).toBe(200);
  });

  it('refuses parameters that it does not know or cannot read, naming them', async () => {
    for (const [query, field] of [['labelselector=a', 'labelselector'], ['limit=ten', 'limit'], ['watch=maybe', 'watch'], ['resourceVersion=abc', 'resourceVersion'], ['continue=!!!', 'continue']]) {
      const { status, body } = await door.request('GET', `${SHELVES}?${query}`);
      expect([query, status, body.details.causes[0].field]).toEqual([query, 400, field]);
    }
    for (const query of ['resourceVersionMatch=Exact', 'resourceVersion=0&resourceVersionMatch=Exact', 'resourceVersion=5&resourceVersionMatch=Close', 'sendInitialEvents=true', 'watch=1&sendInitialEvents=true']) {
      expect([query, (await door.request('GET', `${SHELVES}?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('tabulates', async () => {
    const { body } = await door.request('GET', SHELVES, { headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: expect.any(String) } });
    expect(body.columnDefinitions).toMatchObject([['Name', 'string'], ['Material', 'string'], ['Height', 'integer'], ['Phase', 'string'], ['Age', 'date']].map(([name, type]) => ({ name, type })));
    expect(body.rows[1].cells).toEqual(['pine', 'pine', 5, null, expect.stringMatching(/^\d+[sdhmy]/)]);
    expect(body.rows[1].object).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'pine' } });
    const one = await door.request('GET', `${SHELVES}/oak?includeObject=Object`, { headers: { Accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io' } });
    expect(one.body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1beta1', rows: [{ object: { kind: 'Shelf', spec: { note: 'first' } } }] });
    expect((await door.request('GET', `${SHELVES}?includeObject=All`, { headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).status).toBe(400);
  });

  it('answers metadata alone, and YAML', async () => {
    const list = await door.request('GET', SHELVES, { headers: { Accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } });
    expect(list.body).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'oak' } }, {}] });
    expect(list.body.items[0]).not.toHaveProperty('spec');
    expect((await door.request('GET', `${SHELVES}/oak`, { headers: { Accept: 'application/yaml' } })).body).toContain('kind: Shelf\n');
    expect((await door.request('GET', SHELVES, { headers: { Accept: 'application/vnd.kubernetes.protobuf' } })).status).toBe(406);
  });
});

describe('the older group', () => {
  it('answers under the names that were asked for', async () => {
    expect((await door.request('GET', `${RACKS}/oak`)).body).toMatchObject({ apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Rack' });
    expect((await door.request('GET', RACKS)).body).toMatchObject({ apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'RackList', items: [{ apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Rack' }, {}] });
    const { status, body } = await door.request('POST', RACKS, { body: { apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Rack', metadata: { name: 'old' }, spec: {} } });
    expect([status, body.kind]).toEqual([201, 'Rack']);
    expect((await door.request('GET', `${SHELVES}/old`)).body).toMatchObject({ apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf' });
    expect((await door.request('DELETE', `${RACKS}/old`)).status).toBe(200);
  });

  it('places what stands in the namespace of the platform, with a warning', async () => {
    const platform = '/apis/krate.a5c.ai/v1alpha1/namespaces/krate-system/shelves';
    const document = { apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Shelf', metadata: { name: 'placed', namespace: 'krate-system' }, spec: { organizationRef: 'other' } };
    expect((await door.request('GET', `${platform}/placed`)).status).toBe(404);
    const created = await door.request('POST', platform, { body: document });
    expect([created.status, created.body.metadata.namespace]).toEqual([201, 'kradle-org-other']);
    expect(created.headers.get('Warning')).toMatch(/^299 - ".*krate-system.*kradle-org-other.*"$/);
    // kubectl compares what it sends with what it gets: under the namespace that it asks in.
    const got = await door.request('GET', `${platform}/placed`);
    expect([got.status, got.body.metadata.namespace]).toEqual([200, 'krate-system']);
    expect((await door.request('DELETE', `${platform}/placed`)).status).toBe(200);
    expect((await door.request('GET', '/apis/kradle.a5c.ai/v1alpha1/namespaces/krate-org-acme/shelves')).body.items).toHaveLength(2);
  });
});

describe('writing', () => {
  it('creates, with a generated name and as a trial', async () => {
    const generated = await door.request('POST', SHELVES, { body: { metadata: { generateName: 'g-' }, spec: {} } });
    expect([generated.status, generated.body.metadata.name]).toEqual([201, expect.stringMatching(/^g-[a-z0-9]{5}$/)]);
    const trial = await door.request('POST', `${SHELVES}?dryRun=All`, { body: { metadata: { name: 'trial' }, spec: {} } });
    expect(trial.status).toBe(201);
    expect((await door.request('GET', `${SHELVES}/trial`)).status).toBe(404);
    expect((await door.request('POST', `${SHELVES}?dryRun=Some`, { body: {} })).status).toBe(400);
    expect((await door.request('POST', SHELVES, { body: { metadata: { name: 'oak' }, spec: {} } })).body).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'shelves.kradle.a5c.ai "oak" already exists' });
    await door.request('DELETE', `${SHELVES}/${generated.body.metadata.name}`);
  });

  it('takes YAML', async () => {
    const { status, body } = await door.request('POST', SHELVES, { body: 'metadata:\n  name: yaml\nspec:\n  note: >-\n    two\n    lines\n', headers: { 'Content-Type': 'application/yaml' } });
    expect([status, body.spec.note]).toEqual([201, 'two lines']);
    await door.request('DELETE', `${SHELVES}/yaml`);
  });

  it('refuses bodies that belong elsewhere', async () => {
    const cases: [string, unknown, number][] = [
      ['', { apiVersion: 'v1', metadata: { name: 'a' }, spec: {} }, 400],
      ['', { kind: 'Box', metadata: { name: 'a' }, spec: {} }, 400],
      ['', { metadata: { name: 'a', namespace: 'kradle-org-other' }, spec: {} }, 403],
      ['', [], 400],
      ['', 'null', 400],
    ];
    for (const [path, body, status] of cases) expect([body, (await door.request('POST', SHELVES + path, { body })).status]).toEqual([body, status]);
    expect((await door.request('PUT', `${SHELVES}/oak`, { body: { metadata: { name: 'pine' }, spec: {} } })).body).toMatchObject({ code: 400, message: expect.stringContaining('does not match the name on the URL (oak)') });
    expect((await door.request('PUT', `${SHELVES}/nobody`, { body: { metadata: { name: 'nobody' }, spec: {} } })).status).toBe(404);
    expect((await door.request('POST', SHELVES, { body: 'x', headers: { 'Content-Type': 'text/plain' } })).body).toMatchObject({ code: 415, message: expect.stringContaining('application/json, application/yaml') });
  });

  it('judges keys that stand twice by fieldValidation', async () => {
    const body = '{"metadata":{"name":"twice"},"spec":{"note":"a","note":"b"}}';
    const strict = await door.request('POST', `${SHELVES}?fieldValidation=Strict`, { body });
    expect([strict.status, strict.body.message]).toEqual([400, 'strict decoding error: json: duplicate field "spec.note"']);
    const warned = await door.request('POST', `${SHELVES}?fieldValidation=Warn&dryRun=All`, { body });
    expect([warned.status, warned.headers.get('Warning'), warned.body.spec.note]).toEqual([201, '299 - "json: duplicate field \\"spec.note\\""', 'b']);
    const ignored = await door.request('POST', `${SHELVES}?fieldValidation=Ignore&dryRun=All`, { body });
    expect([ignored.status, ignored.headers.get('Warning')]).toEqual([201, null]);
    const yaml = await door.request('POST', `${SHELVES}?fieldValidation=Strict`, { body: 'metadata: {name: a}\nspec:\n  note: a\n  note: b\n', headers: { 'Content-Type': 'application/yaml' } });
    expect([yaml.status, yaml.body.message]).toEqual([400, 'strict decoding error: yaml: key "spec.note" already set in map']);
  });

  it('patches in three ways and refuses the fourth', async () => {
    const patch = (type: string, body: unknown, query = '') => door.request('PATCH', `${SHELVES}/oak${query}`, { body, headers: { 'Content-Type': type } });
    expect((await patch('application/merge-patch+json', { spec: { note: 'merged' } })).body.spec.note).toBe('merged');
    expect((await patch('application/json-patch+json', [{ op: 'replace', path: '/spec/note', value: 'patched' }])).body.spec.note).toBe('patched');
    const strategic = await patch('application/strategic-merge-patch+json', {});
    expect([strategic.status, strategic.body.message]).toEqual([415, expect.stringContaining('application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml')]);
    expect((await patch('application/apply-patch+yaml', { spec: {} })).body).toMatchObject({ code: 422, details: { causes: [{ field: 'fieldManager' }] } });
    expect((await patch('application/merge-patch+json', {}, '?force=true')).status).toBe(422);
    const applied = await door.request('PATCH', `${SHELVES}/applied?fieldManager=me`, { body: 'apiVersion: kradle.a5c.ai/v1alpha1\nkind: Shelf\nmetadata:\n  name: applied\nspec:\n  note: hello\n', headers: { 'Content-Type': 'application/apply-patch+yaml' } });
    expect([applied.status, applied.body.spec.note]).toEqual([201, 'hello']);
    await door.request('DELETE', `${SHELVES}/applied`);
  });

  it('writes the status at its own address, and nothing else there', async () => {
    const { body } = await door.request('GET', `${SHELVES}/pine`);
    const written = await door.request('PUT', `${SHELVES}/pine/status`, { body: { ...body, spec: { ...body.spec, height: 9 }, status: { phase: 'Filled' } } });
    expect([written.status, written.body.status.phase, written.body.spec.height]).toEqual([200, 'Filled', 5]);
    const patched = await door.request('PATCH', `${SHELVES}/pine/status`, { body: { status: { boxes: 2 } }, headers: { 'Content-Type': 'application/merge-patch+json' } });
    expect(patched.body.status).toMatchObject({ phase: 'Filled', boxes: 2 });
    expect((await door.request('DELETE', `${SHELVES}/pine/status`)).status).toBe(405);
  });

  it('deletes, with preconditions and while finalizers remain', async () => {
    const { body } = await door.request('POST', SHELVES, { body: { metadata: { name: 'kept', finalizers: ['acme.io/wait'] }, spec: {} } });
    expect((await door.request('DELETE', `${SHELVES}/kept`, { body: { preconditions: { uid: 'another' } } })).body).toMatchObject({ code: 409, reason: 'Conflict' });
    const marked = await door.request('DELETE', `${SHELVES}/kept?propagationPolicy=Background`);
    expect(marked.body).toMatchObject({ kind: 'Shelf', metadata: { uid: body.metadata.uid, deletionTimestamp: expect.any(String) } });
    await door.request('PATCH', `${SHELVES}/kept`, { body: { metadata: { finalizers: null } }, headers: { 'Content-Type': 'application/merge-patch+json' } });
    expect((await door.request('GET', `${SHELVES}/kept`)).status).toBe(404);
    await door.request('POST', SHELVES, { body: { metadata: { name: 'gone' }, spec: {} } });
    expect((await door.request('DELETE', `${SHELVES}/gone`)).body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'gone', group: 'kradle.a5c.ai', kind: 'shelves', uid: expect.any(String) } });
    expect((await door.request('DELETE', `${SHELVES}/oak?propagationPolicy=Sideways`)).status).toBe(400);
    expect((await door.request('DELETE', `${SHELVES}/oak`, { body: { propagationPolicy: 'Orphan', orphanDependents: true } })).status).toBe(422);
  });

  it('deletes a collection by selector, and in pages when asked to', async () => {
    for (const name of ['c1', 'c2', 'c3']) await door.parts.resources.create(Box, 'acme', { metadata: { name, labels: { batch: 'yes' } }, spec: { organizationRef: 'acme', shelf: 'pine' } });
    const boxes = SHELVES.replace('shelves', 'boxes');
    const first = await door.request('DELETE', `${boxes}?labelSelector=batch%3Dyes&limit=2`);
    expect([first.status, first.body.status, first.body.metadata.continue]).toEqual([200, 'Success', expect.any(String)]);
    expect(names((await door.request('GET', boxes)).body)).toEqual(['c3']);
    await door.request('DELETE', `${boxes}?labelSelector=batch%3Dno`);
    expect(names((await door.request('GET', boxes)).body)).toEqual(['c3']);
    await door.request('DELETE', `${boxes}?labelSelector=batch%3Dyes`);
    expect(names((await door.request('GET', boxes)).body)).toEqual([]);
  });

  it('takes only the methods that an address has', async () => {
    const { status, headers } = await door.request('POST', '/apis/kradle.a5c.ai/v1alpha1/shelves', { body: {} });
    expect([status, headers.get('Allow')]).toEqual([405, 'GET']);
  });
});

describe('the core group', () => {
  it('derives namespaces from organizations', async () => {
    expect(names((await door.request('GET', '/api/v1/namespaces')).body)).toEqual(['kradle-org-acme', 'kradle-org-other', 'kradle-system']);
    expect(names((await door.request('GET', '/api/v1/namespaces?labelSelector=kradle.a5c.ai/org%3Dacme')).body)).toEqual(['kradle-org-acme']);
    expect((await door.request('GET', '/api/v1/namespaces/kradle-org-acme')).body).toMatchObject({ apiVersion: 'v1', kind: 'Namespace', status: { phase: 'Active' } });
    expect((await door.request('GET', '/api/v1/namespaces/kradle-org-hidden')).body).toMatchObject({ code: 404, message: 'namespaces "kradle-org-hidden" not found' });
    expect((await door.request('POST', '/api/v1/namespaces', { body: { metadata: { name: 'kradle-org-new' } } })).body).toMatchObject({ code: 405, message: expect.stringContaining('Realm "new"') });
  });

  it('has no secrets, configmaps and events, and says where they would be', async () => {
    for (const path of ['/api/v1/secrets', '/api/v1/namespaces/kradle-org-acme/configmaps', '/api/v1/namespaces/kradle-org-acme/events?fieldSelector=involvedObject.name%3Da&limit=500', '/apis/events.k8s.io/v1/events']) {
      expect((await door.request('GET', path)).body).toMatchObject({ items: [], metadata: { resourceVersion: expect.any(String) } });
    }
    expect((await door.request('GET', '/api/v1/namespaces/kradle-org-acme/secrets/a')).body).toMatchObject({ code: 404, message: 'secrets "a" not found' });
    expect((await door.request('POST', '/api/v1/namespaces/kradle-org-acme/secrets', { body: {} })).body).toMatchObject({ code: 405, message: expect.stringContaining('cluster mode') });
    expect((await door.request('GET', '/api/v1/namespaces/kradle-org-hidden/secrets')).status).toBe(404);
    expect((await door.request('GET', '/api/v1/pods')).status).toBe(404);
  });
});
