import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKubeDoor, type KubeDoor } from '../../../../test/harness/kubeDoor';
import { Realm, Shelf } from '../../../../test/harness/throwAwayKinds';
import { createWatchClient, type WatchClient } from '../../../../test/harness/watchClient';

const SHELVES = '/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-acme/shelves';

let door: KubeDoor;
let client: WatchClient;
beforeAll(async () => {
  door = await startKubeDoor({ orgs: ['acme', 'other', 'hidden'] });
  client = createWatchClient(door.url);
  await door.parts.resources.create(Shelf, 'acme', { metadata: { name: 'oak', labels: { room: 'hall' } }, spec: { organizationRef: 'acme' } });
  await door.parts.resources.create(Shelf, 'acme', { metadata: { name: 'pine' }, spec: { organizationRef: 'acme' } });
});
afterAll(() => door[Symbol.asyncDispose]());

const revision = async () => (await door.parts.store.revisions()).head;
const note = (name: string, text: string) => door.parts.resources.mutate(Shelf, { org: 'acme', name }, (draft) => void (draft.spec.note = text));

describe('a watch', () => {
  it('tells every change above its version, in order', async () => {
    await using watch = await client.open(`${SHELVES}?watch=true&resourceVersion=${await revision()}`);
    await note('oak', 'one');
    await note('oak', 'two');
    await door.parts.resources.create(Shelf, 'acme', { metadata: { name: 'temp' }, spec: { organizationRef: 'acme' } });
    const { metadata } = await door.parts.resources.delete(Shelf, { org: 'acme', name: 'temp' });
    const events = await watch.take(4);
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.spec.note}`)).toEqual(['MODIFIED oak one', 'MODIFIED oak two', 'ADDED temp undefined', 'DELETED temp undefined']);
    expect(events[3]?.object.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it('begins with what there is when it names no version', async () => {
    for (const query of ['', '&resourceVersion=0']) {
      await using watch = await client.open(`${SHELVES}?watch=1${query}`);
      expect((await watch.take(2)).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED oak', 'ADDED pine']);
    }
  });

  it('marks the end of the initial events for who asks', async () => {
    await using watch = await client.open(`${SHELVES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=1`);
    const [, , mark] = await watch.take(3);
    expect(mark).toEqual({
      type: 'BOOKMARK',
      object: { apiVersion: 'kradle.a5c.ai/v1alpha1', kind: 'Shelf', metadata: { resourceVersion: await revision(), annotations: { 'k8s.io/initial-events-end': 'true' }, creationTimestamp: null } },
    });
    await note('oak', 'after the mark');
    expect((await watch.take(1))[0]).toMatchObject({ type: 'MODIFIED', object: { spec: { note: 'after the mark' } } });
  });

  it('starts from now without initial events', async () => {
    await using watch = await client.open(`${SHELVES}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    await note('pine', 'now');
    expect((await watch.take(1))[0]).toMatchObject({ type: 'MODIFIED', object: { spec: { note: 'now' } } });
  });

  it('tells what leaves and enters its selection as deleted and added', async () => {
    await using watch = await client.open(`${SHELVES}?watch=true&labelSelector=room%3Dcellar&resourceVersion=${await revision()}`);
    await door.parts.resources.mutate(Shelf, { org: 'acme', name: 'oak' }, (draft) => void (draft.metadata.labels = { ...draft.metadata.labels, room: 'cellar' }));
    await note('oak', 'in the cellar');
    await door.parts.resources.mutate(Shelf, { org: 'acme', name: 'oak' }, (draft) => void (draft.metadata.labels = { ...draft.metadata.labels, room: 'hall' }));
    expect((await watch.take(3)).map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  it('ends in time, with a bookmark shortly before', async () => {
    await using watch = await client.open(`${SHELVES}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${await revision()}`);
    const events = await watch.rest();
    expect(events.map(({ type }) => type)).toEqual(['BOOKMARK']);
    expect(events[0]?.object.metadata.resourceVersion).toBe(await revision());
  });

  it('is refused before it begins when its history is gone or still to come', async () => {
    const old = await revision();
    await note('oak', 'newer');
    await note('oak', 'newest');
    await door.parts.store.compact(await revision());
    expect((await door.request('GET', `${SHELVES}?watch=true&resourceVersion=${old}`)).body).toMatchObject({ code: 410, reason: 'Expired' });
    expect((await door.request('GET', `${SHELVES}?watch=true&resourceVersion=999999`)).body).toMatchObject({ code: 504, details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
    expect((await door.request('GET', `${SHELVES}?watch=true&labelSelector=%3D`)).status).toBe(400);
  });

  it('sends tables, with the columns in the first event alone', async () => {
    await using watch = await client.open(`${SHELVES}?watch=true`, { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const [first, second] = await watch.take(2);
    expect(first).toMatchObject({ type: 'ADDED', object: { kind: 'Table', columnDefinitions: [{ name: 'Name' }, {}, {}, {}, {}], rows: [{ cells: ['oak', 'oak', 3, null, expect.any(String)] }] } });
    expect(second).toMatchObject({ object: { columnDefinitions: null, rows: [{ cells: ['pine', 'oak', 3, null, expect.any(String)] }] } });
  });

  it('speaks the names of the group that it was asked in', async () => {
    await using watch = await client.open('/apis/krate.a5c.ai/v1alpha1/racks?watch=true');
    expect((await watch.take(1))[0]).toMatchObject({ object: { apiVersion: 'krate.a5c.ai/v1alpha1', kind: 'Rack' } });
  });

  it('follows namespaces', async () => {
    await using watch = await client.open('/api/v1/namespaces?watch=true');
    expect((await watch.take(3)).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED kradle-org-acme', 'ADDED kradle-org-other', 'ADDED kradle-system']);
    await door.parts.resources.mutate(Realm, { org: 'other', name: 'other' }, (draft) => void (draft.spec.displayName = 'Other'));
    expect((await watch.take(1))[0]).toMatchObject({ type: 'MODIFIED', object: { kind: 'Namespace', metadata: { name: 'kradle-org-other' } } });
  });

  it('tells each of many watchers each change once and in order, whenever it began and however it reads', async () => {
    const start = Number(await revision());
    const total = 300;
    const watches: Promise<{ from: number; versions: number[] }>[] = [];
    for (let change = 0; change < total; change += 1) {
      if (change % 10 === 0) {
        const from = start + Math.floor(Math.random() * (change + 1));
        watches.push((async () => {
          await using watch = await client.open(`${SHELVES}?watch=true&resourceVersion=${from}`, change % 20 === 0 ? {} : { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
          const events = await watch.take(start + total - from);
          return { from, versions: events.map(({ object }) => Number(object.metadata.resourceVersion)) };
        })());
      }
      await note('oak', `change ${change}`);
    }
    for (const { from, versions } of await Promise.all(watches)) {
      expect(versions).toEqual(Array.from({ length: start + total - from }, (_, index) => from + index + 1));
    }
  });

  it('waits for a slow reader, and keeps the others going meanwhile', async () => {
    const path = `${SHELVES}?watch=true&resourceVersion=${await revision()}`;
    await using quick = await client.open(path);
    const { hostname, port } = new URL(door.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    // More than the sockets' buffers and the stream's take.
    const changes = 40;
    const filler = 'x'.repeat(200_000);
    for (let change = 0; change < changes; change += 1) {
      await door.parts.resources.mutate(Shelf, { org: 'acme', name: 'oak' }, (draft) => void (draft.metadata.annotations = { change: `${change}`, filler }));
    }
    await quick.take(changes);
    let text = '';
    const complete = new Promise<void>((resolve) => socket.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.slice(-2 * filler.length).includes(`"change":"${changes - 1}"`)) resolve();
    }));
    socket.resume();
    await complete;
    expect([...text.matchAll(/"change":"(\d+)"/g)].map(([, change]) => Number(change))).toEqual(Array.from({ length: changes }, (_, index) => index));
    socket.destroy();
  });

  it('stays open over what has no objects, and ends when the server stops', async () => {
    await using secrets = await client.open('/api/v1/secrets?watch=true&allowWatchBookmarks=true');
    await using shelves = await client.open(`${SHELVES}?watch=true&resourceVersion=${await revision()}`);
    door.stopping.abort();
    expect(await secrets.rest()).toEqual([]);
    expect(await shelves.rest()).toEqual([]);
  });
});
