import { createServer, type AddressInfo } from 'node:net';
import {
  CoreV1Api, CustomObjectsApi, KubeConfig, KubernetesObjectApi, makeInformer, PatchStrategy, setHeaderOptions, Watch, type Informer, type KubernetesListObject, type KubernetesObject, type ObjectCache,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { startKubeDoor } from '../harness/kubeDoor';
import { startServer, type TestServer } from '../harness/startServer';
import { Shelf } from '../harness/throwAwayKinds';

interface Label extends KubernetesObject {
  spec: { displayName: string; promptFragment: string; allowedSources: string[]; requiresReview?: boolean };
}

const AT = { group: 'kradle.a5c.ai', version: 'v1alpha1', namespace: 'kradle-org-default', plural: 'agentcontextlabels' };
const PATH = `/apis/${AT.group}/${AT.version}/namespaces/${AT.namespace}/${AT.plural}`;

let server: TestServer;
let config: KubeConfig;
let objects: CustomObjectsApi;

beforeAll(async () => {
  // The clients know one address; a restarted server must be there again.
  server = await startServer({ args: ['--port', String(await freePort())] });
  const { stdout } = await server.cli(['kubeconfig', '--server', server.url]);
  config = new KubeConfig();
  config.loadFromString(stdout);
  objects = config.makeApiClient(CustomObjectsApi);
});
afterAll(() => server[Symbol.asyncDispose]());

const label = (name: string, displayName: string): Label => ({
  apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'AgentContextLabel', metadata: { name, namespace: AT.namespace }, spec: { displayName, promptFragment: 'x', allowedSources: [] },
});
const list = async () => (await objects.listNamespacedCustomObject(AT)) as KubernetesListObject<Label>;
const patch = (name: string, displayName: string) =>
  objects.patchNamespacedCustomObject({ ...AT, name, body: { spec: { displayName } } }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch));

describe('CustomObjectsApi', () => {
  it('creates, reads, replaces, patches in three ways, lists and deletes', async () => {
    const created = (await objects.createNamespacedCustomObject({ ...AT, body: label('typed', 'one') })) as Label;
    expect(created.metadata).toMatchObject({ name: 'typed', namespace: AT.namespace, generation: 1 });
    const replaced = (await objects.replaceNamespacedCustomObject({ ...AT, name: 'typed', body: { ...created, spec: { ...created.spec, displayName: 'two' } } })) as Label;
    expect(replaced.spec.displayName).toBe('two');
    await expect(objects.replaceNamespacedCustomObject({ ...AT, name: 'typed', body: created })).rejects.toMatchObject({ code: 409 });
    const operations = [{ op: 'replace', path: '/spec/displayName', value: 'three' }];
    expect(await objects.patchNamespacedCustomObject({ ...AT, name: 'typed', body: operations }, setHeaderOptions('Content-Type', PatchStrategy.JsonPatch))).toMatchObject({ spec: { displayName: 'three' } });
    expect(await patch('typed', 'four')).toMatchObject({ spec: { displayName: 'four' } });
    const applied = objects.patchNamespacedCustomObject({ ...AT, name: 'typed', body: label('typed', 'five'), fieldManager: 'test', force: true }, setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply));
    expect(await applied).toMatchObject({ spec: { displayName: 'five' } });
    expect((await list()).items.map((item) => item.metadata?.name)).toEqual(['typed']);
    expect(await objects.deleteNamespacedCustomObject({ ...AT, name: 'typed' })).toMatchObject({ status: 'Success' });
    await expect(objects.getNamespacedCustomObject({ ...AT, name: 'typed' })).rejects.toMatchObject({ code: 404 });
  });

  it('lists every namespace in pages', async () => {
    for (const name of ['p1', 'p2', 'p3']) await objects.createNamespacedCustomObject({ ...AT, body: label(name, name) });
    const names: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = (await objects.listClusterCustomObject({ group: AT.group, version: AT.version, plural: AT.plural, limit: 2, _continue: token })) as KubernetesListObject<Label>;
      names.push(...page.items.map((item) => item.metadata?.name));
      token = page.metadata?._continue ?? (page.metadata as { continue?: string } | undefined)?.continue;
    } while (token);
    expect(names).toEqual(['p1', 'p2', 'p3']);
    await objects.deleteCollectionNamespacedCustomObject(AT);
    expect((await list()).items).toEqual([]);
  });
});

describe('KubernetesObjectApi', () => {
  it('finds its way by discovery', async () => {
    const api = KubernetesObjectApi.makeApiClient(config);
    const document = label('dynamic', 'one');
    const header = { apiVersion: document.apiVersion, kind: document.kind, metadata: { name: 'dynamic', namespace: AT.namespace } };
    expect(await api.create(document)).toMatchObject({ metadata: { name: 'dynamic' } });
    expect(await api.read<Label>(header)).toMatchObject({ spec: { displayName: 'one' } });
    const changed = { ...header, spec: { displayName: 'two' } } as unknown as Label;
    expect(await api.patch(changed, undefined, undefined, 'test', undefined, PatchStrategy.MergePatch)).toMatchObject({ spec: { displayName: 'two' } });
    expect(await api.delete(header)).toMatchObject({ status: 'Success' });
  });

  it('reads namespaces by the typed client', async () => {
    const { items } = await config.makeApiClient(CoreV1Api).listNamespace();
    expect(items.map((item) => item.metadata?.name)).toEqual(['kradle-org-default', 'kradle-system']);
  });
});

describe('Watch', () => {
  it('tells what happens, and closes when its time is up', async () => {
    const { metadata } = await list();
    const seen: string[] = [];
    const done = new Promise((resolve) => {
      void new Watch(config).watch(PATH, { resourceVersion: metadata?.resourceVersion, timeoutSeconds: 3, allowWatchBookmarks: true }, (phase, object: Label) => {
        if (phase !== 'BOOKMARK') seen.push(`${phase} ${object.spec.displayName}`);
      }, resolve);
    });
    await objects.createNamespacedCustomObject({ ...AT, body: label('watched', 'one') });
    await patch('watched', 'two');
    await objects.deleteNamespacedCustomObject({ ...AT, name: 'watched' });
    expect(await done).toBeNull();
    expect(seen).toEqual(['ADDED one', 'MODIFIED two', 'DELETED two']);
  });
});

describe('an informer', () => {
  it('mirrors what is there, and resumes after the server was away', async () => {
    const informer = makeInformer<Label>(config, PATH, list);
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (object) => seen.push(`${verb} ${object.spec.displayName}`));
    // As the library's own examples do it: what it cannot resume by itself, it is started again for.
    const restarting = keepRunning(informer);
    await objects.createNamespacedCustomObject({ ...AT, body: label('mirrored', 'before') });
    await informer.start();
    await eventually('the object', () => seen.includes('add before'));
    await patch('mirrored', 'changed');
    await eventually('the change', () => seen.includes('update changed'));

    await server.stop();
    await server.restart();
    await patch('mirrored', 'after the restart');
    await eventually('the change after the restart', () => seen.includes('update after the restart'));
    await objects.deleteNamespacedCustomObject({ ...AT, name: 'mirrored' });
    await eventually('the deletion', () => seen.includes('delete after the restart'));
    expect(seen).toEqual(['add before', 'update changed', 'update after the restart', 'delete after the restart']);
    restarting.stop();
    await informer.stop();
  });

  it('lists again when its history is gone', async () => {
    await using door = await startKubeDoor();
    const { resources, store } = door.parts;
    const plain = new KubeConfig();
    plain.loadFromOptions({ clusters: [{ name: 'door', server: door.url, skipTLSVerify: true }], users: [{ name: 'una' }], contexts: [{ name: 'door', cluster: 'door', user: 'una' }], currentContext: 'door' });
    const api = plain.makeApiClient(CustomObjectsApi);
    const at = { group: 'kradle.a5c.ai', version: 'v1alpha1', namespace: 'kradle-org-acme', plural: 'shelves' };
    await resources.create(Shelf, 'acme', { metadata: { name: 'oak' }, spec: { organizationRef: 'acme' } });
    const old = (await store.revisions()).head;
    await resources.create(Shelf, 'acme', { metadata: { name: 'pine' }, spec: { organizationRef: 'acme' } });
    await store.compact((await store.revisions()).head);
    let lists = 0;
    const informer = makeInformer<KubernetesObject>(plain, '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-acme/shelves', async () => {
      const answer = (await api.listNamespacedCustomObject(at)) as KubernetesListObject<KubernetesObject>;
      lists += 1;
      // The first time as if the list had been long ago.
      return lists > 1 ? answer : { ...answer, items: answer.items.slice(0, 1), metadata: { ...answer.metadata, resourceVersion: old } };
    });
    await informer.start();
    await eventually('both shelves', () => informer.list().length === 2);
    expect(lists).toBe(2);
    await resources.create(Shelf, 'acme', { metadata: { name: 'steel' }, spec: { organizationRef: 'acme' } });
    await eventually('the third shelf', () => informer.get('steel', 'kradle-org-acme') !== undefined);
    await informer.stop();
  });
});

function keepRunning(informer: Informer<Label> & ObjectCache<Label>): { stop(): void } {
  let isOver = false;
  informer.on('error', () => {
    if (!isOver) setTimeout(() => void informer.start(), 50);
  });
  return {
    stop: () => {
      isOver = true;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
