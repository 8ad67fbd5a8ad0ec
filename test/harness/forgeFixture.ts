import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KradleObject } from '#shared/kind/defineKind';
import { createKindRegistry } from '#shared/kind/registry';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Organization } from '#shared/kinds/identity/organization';
import { User } from '#shared/kinds/identity/user';
import { allKinds } from '#shared/kinds/index';
import { type Clock, systemClock } from '../../src-server/app/clock';
import { silentLogger } from '../../src-server/app/log';
import { createForge, type Forge } from '../../src-server/domains/forge/forge';
import { StatusError, toErrorBody } from '#shared/api/status';
import { createAccess } from '../../src-server/domains/identity/access/access';
import { createOrganization } from '../../src-server/domains/identity/organizations';
import type { InspectionLimits } from '../../src-server/domains/forge/policies/inspectChanges';
import type { ImportPolicy } from '../../src-server/domains/forge/mirrors/otherHosts';
import type { Actor } from '../../src-server/resources/actor';
import { createMembersAuthorizer } from './membersAuthorizer';
import { internalKinds } from '../../src-server/app/internalKinds';
import type { SecretEntryReader } from '../../src-server/domains/forge/mirrors/remoteCredential';
import { Secret } from '../../src-server/domains/secrets/secret';
import { createRelocation } from '../../src-server/resources/relocation';
import { createResources } from '../../src-server/resources/createResources';
import type { AuditGroup } from '../../src-server/resources/auditTrail';
import type { ResourceClient } from '../../src-server/resources/resourceClient';
import type { AnyStrategy } from '../../src-server/resources/strategy';
import { createWriteFeed } from '../../src-server/resources/writeFeed';
import { addGarbageCollector } from '../../src-server/runtime/garbageCollector';
import { createManager, type Manager } from '../../src-server/runtime/manager';
import { createCallerFactory, router } from '../../src-server/rpc/trpc';
import { openFileBlobStore } from '../../src-server/store/fileBlobStore';
import { createMemoryEventLog } from '../../src-server/store/memoryEventLog';
import { createMemoryStore } from '../../src-server/store/memoryStore';
import type { Store } from '../../src-server/store/store';
import { git, tryGit } from './git';
import { tempDir } from './tempDir';

export const ada: Actor = { kind: 'user', name: 'ada', orgs: ['default'] };
export const bob: Actor = { kind: 'user', name: 'bob', orgs: ['default'] };
/** Administrator of the organization. */
export const admin: Actor = { kind: 'user', name: 'admin', orgs: '*' };

/** A forge over a memory store and real git, with the people ada, bob and admin. */
export interface ForgeFixture extends AsyncDisposable {
  readonly forge: Forge;
  readonly resources: ResourceClient;
  readonly folder: string;
  /** The procedures, called by somebody. */
  as(actor: Actor): ReturnType<typeof makeCaller>;
  /** URL that this person's git uses for a repository. */
  url(repository: string, actor?: Actor): string;
  /** Runs git in a folder below the fixture's, as a user's git; throws when it fails. */
  git(cwd: string, ...args: string[]): Promise<string>;
  /** The same; a failure is an answer. */
  tryGit(cwd: string, ...args: string[]): ReturnType<typeof tryGit>;
  /** Writes a file, commits it and answers the commit. */
  commit(cwd: string, files: Readonly<Record<string, string>>, opts?: { message?: string; author?: string }): Promise<string>;
  /** A repository `name` with `a.txt` of ten lines on main, and a clone of it in the folder `name`. */
  seed(name: string): Promise<string>;
  /** Pushes a branch with these files from the clone and opens a pull request for it. */
  openPull(clone: string, branch: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** Starts the controllers; what there is gets reconciled. */
  startControllers(): Promise<Manager>;
  /** The same data under a new server: what is in memory is gone. */
  restart(): Promise<ForgeFixture>;
}

export const TEN_LINES = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('');

export interface ForgeFixtureOptions {
  /** An update that it is true for fails as if the disk had gone. */
  readonly refuseWrite?: (object: KradleObject) => boolean;
  readonly imports?: ImportPolicy;
  /** How much of a push its policies look into. */
  readonly inspection?: InspectionLimits;
  /** Secrets' entries. */
  readonly readSecret?: SecretEntryReader;
  /** Writes that still go through; then every one fails, as if the server had been killed there. */
  readonly writesLeft?: { count: number };
  /** There is a door for git over SSH; whoever wants it lets it listen. */
  readonly ssh?: boolean;
  /** The server's own permissions decide; without it, who belongs to the organization may do everything. */
  readonly roles?: boolean;
  /** Who may sign in beside ada, bob and admin. */
  readonly accounts?: readonly Actor[];
  /** Rules of kinds of other domains. */
  readonly strategies?: (forge: Forge) => readonly AnyStrategy[];
}

/** A trail that leads nowhere. */
const silentTrail: AuditGroup = { door: 'http', correlationId: 'test', note: async () => undefined, recordOf: () => undefined, ready: () => undefined, group: () => silentTrail, completing: () => silentTrail, settle: async () => undefined };

export async function createForgeFixture(opts: ForgeFixtureOptions = {}): Promise<ForgeFixture> {
  const temporary = await tempDir('kradle-forge-');
  const store = createMemoryStore();
  await store.start();
  const update = store.update.bind(store);
  store.update = (key, object, options) => (opts.refuseWrite?.(object) === true ? Promise.reject(new Error('the store is gone')) : update(key, object, options));
  if (opts.writesLeft !== undefined) killAfter(store, opts.writesLeft);
  return open({ temporary, store, eventLog: createMemoryEventLog(), options: opts, fresh: true });
}

function killAfter(store: Store, left: { count: number }): void {
  const { create, update, delete: remove } = store;
  const guarded = <TArgs extends unknown[], T>(write: (...args: TArgs) => Promise<T>) => (...args: TArgs): Promise<T> => {
    left.count -= 1;
    return left.count < 0 ? Promise.reject(new Error('the server was killed')) : write.apply(store, args);
  };
  store.create = guarded(create);
  store.update = guarded(update);
  store.delete = guarded(remove);
}

interface Ground {
  readonly temporary: Awaited<ReturnType<typeof tempDir>>;
  readonly store: Store;
  readonly eventLog: ReturnType<typeof createMemoryEventLog>;
  readonly options: ForgeFixtureOptions;
  readonly fresh: boolean;
}

async function open(ground: Ground): Promise<ForgeFixture> {
  const { temporary, store, eventLog } = ground;
  const folder = temporary.path;
  const clock = tickingClock();
  const log = silentLogger();
  const kinds = createKindRegistry([...allKinds, ...internalKinds]);
  const forge = createForge({
    resources: () => resources,
    eventLog,
    clock,
    log,
    repositoriesRoot: join(folder, 'repositories'),
    blobs: await openFileBlobStore(join(folder, 'blobs')),
    namedDigests: async () => new Set(),
    workspaceRepositoriesRoot: join(folder, 'workspaces'),
    gitRoot: join(folder, 'git'),
    signingKeyFile: join(folder, 'commit_signing_key'),
    environment: { PATH: process.env.PATH, HOME: folder },
    maxPackBytes: 1024 ** 3,
    ...(ground.options.ssh === true ? { ssh: { host: '127.0.0.1', port: 0, publicAddress: undefined, folder: join(folder, 'ssh') } } : {}),
    ...(ground.options.inspection === undefined ? {} : { inspection: ground.options.inspection }),
    maxGitServices: 32,
    maxLfsFileBytes: 1024 ** 3,
    signIn: () => ({
      findAccount: async (name) => [ada, bob, admin, ...(ground.options.accounts ?? [])].find((each) => each.name === name),
      follow: () => () => undefined,
      trails: { begin: () => silentTrail },
      seal: { seal: () => { throw new Error('not in this fixture'); }, unseal: () => undefined },
      baseUrl: () => 'http://forge.test',
    }),
    relocation: () => relocation,
    readSecret: (org, ref) => ground.options.readSecret?.(org, ref) ?? Promise.reject(new StatusError('NotFound', 'There is no such Secret')),
    secretKind: Secret,
    workspaces: { clear: () => Promise.resolve() },
    imports: async () => ground.options.imports ?? { identity: 'isolated', allowFolders: true },
  });
  const writes = createWriteFeed(store);
  writes.onWrite((object) => forge.ssh.learn(object));
  const relocation = createRelocation({ store: writes.store, kinds });
  const access = ground.options.roles === true ? createAccess({ resources: () => resources, writes, registry: kinds, runKind: AgentDispatchRun, clock, log }) : undefined;
  const resources: ResourceClient = createResources({
    store: writes.store, kinds, organization: Organization, strategies: [...forge.strategies, ...(ground.options.strategies?.(forge) ?? [])],
    authorizer: access?.authorizer ?? createMembersAuthorizer({ runKind: AgentDispatchRun }), clock, uuid: randomUUID, log,
  });
  if (ground.fresh) await createPeople(resources);
  for (const runnable of forge.runnables) await runnable.start();
  const actors = new Map<string, Actor>([['user.ada', ada]]);
  const server = await listen(forge, actors);
  const port = (server.address() as AddressInfo).port;
  let manager: Manager | undefined;

  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await manager?.stop();
    for (const runnable of [...forge.runnables, ...(access?.runnables ?? [])]) await runnable.stop();
  };

  const fixture: ForgeFixture = {
    forge,
    resources,
    folder,
    as: (actor) => makeCaller(forge, resources, actor),
    url(repository, actor = ada) {
      const plain = `${actor.kind}.${actor.name}`;
      const key = (actors.get(plain) ?? actor) === actor ? plain : `${plain}.${actors.size}`;
      actors.set(key, actor);
      return `http://${key}:token@127.0.0.1:${port}/git/default/${repository}.git`;
    },
    git: (cwd, ...args) => git(args, { cwd: join(folder, cwd) }),
    tryGit: (cwd, ...args) => tryGit(args, { cwd: join(folder, cwd) }),
    async commit(cwd, files, opts = {}) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(folder, cwd, path, '..'), { recursive: true });
        await writeFile(join(folder, cwd, path), content);
      }
      await fixture.git(cwd, 'add', '--all');
      await fixture.git(cwd, 'commit', '--quiet', '--allow-empty', '-m', opts.message ?? 'Change', ...(opts.author === undefined ? [] : ['--author', opts.author]));
      return (await fixture.git(cwd, 'rev-parse', 'HEAD')).trim();
    },
    async seed(name) {
      await fixture.as(ada).repositories.create({ org: 'default', name });
      await fixture.git('.', 'clone', '--quiet', fixture.url(name), name);
      await fixture.git(name, 'checkout', '--quiet', '-B', 'main');
      await fixture.commit(name, { 'a.txt': TEN_LINES }, { message: 'First' });
      await fixture.git(name, 'push', '--quiet', 'origin', 'main');
      return name;
    },
    async openPull(clone, branch, files) {
      await fixture.git(clone, 'checkout', '--quiet', '-B', branch, 'origin/main');
      await fixture.commit(clone, files, { message: `Work on ${branch}` });
      await fixture.git(clone, 'push', '--quiet', '--force', 'origin', branch);
      const created = await fixture.as(ada).pulls.create({ org: 'default', repository: clone, title: `Change by ${branch}`, sourceBranch: branch });
      return created.metadata.name;
    },
    async startControllers() {
      manager = createManager({ resources, head: async () => (await store.revisions()).head, clock: systemClock, uuid: randomUUID, log });
      addGarbageCollector(manager, { kinds, resources });
      for (const controller of forge.controllers) manager.add(controller);
      await manager.start();
      return manager;
    },
    async restart() {
      await stop();
      return open({ ...ground, fresh: false });
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await temporary[Symbol.asyncDispose]();
    },
  };
  return fixture;
}

function makeCaller(forge: Forge, resources: ResourceClient, actor: Actor) {
  return createCallerFactory(router(forge.router))({
    actor,
    resources: resources.as(actor),
    correlationId: 'test',
    log: silentLogger(),
    signal: new AbortController().signal,
    warn: () => undefined,
    door: 'trpc',
    origin: 'http://forge.test',
  });
}

async function createPeople(resources: ResourceClient): Promise<void> {
  await createOrganization(resources, { slug: 'default', displayName: 'Default' });
  const people = [['ada', 'Ada Lovelace', false], ['bob', 'Bob Builder', false], ['admin', 'The Admin', true]] as const;
  for (const [name, displayName, isAdmin] of people) {
    await resources.create(User, 'default', { metadata: { name }, spec: { organizationRef: 'default', displayName, email: `${name}@example.com`, admin: isAdmin } });
  }
}

/** Each look is a second later than the one before, so that no two things happen at the same time. */
function tickingClock(): Clock {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return { now: () => (now += 1000), after: (delayMs, task) => systemClock.after(delayMs, task) };
}

/** The forge's endpoints on a port; the user name of Basic auth is the key of an actor. */
async function listen(forge: Forge, actors: ReadonlyMap<string, Actor>): Promise<Server> {
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://forge.test');
    const [user = ''] = Buffer.from((req.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString().split(':');
    const path = decodeURIComponent(url.pathname);
    const endpoint = forge.endpoints.find((each) => each.pattern.test(path) && each.methods.includes(req.method === 'HEAD' ? 'GET' : (req.method ?? '')));
    const params = endpoint === undefined ? undefined : (endpoint.pattern.exec(path)?.groups ?? {});
    const actor = actors.get(user);
    if (actor === undefined) return void res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
    if (endpoint === undefined || params === undefined) return void res.writeHead(404).end();
    endpoint
      .handle({ req, res, url, params, actor, correlationId: 'test', log: silentLogger(), signal: new AbortController().signal, origin: 'http://forge.test' })
      .catch((error: unknown) => {
        if (res.headersSent) res.destroy();
        else if (error instanceof StatusError && endpoint.errors !== 'text') res.writeHead(error.httpStatus, { 'Content-Type': 'application/json' }).end(JSON.stringify(toErrorBody(error, 'test')));
        else res.writeHead(error instanceof StatusError ? error.httpStatus : 500, { 'Content-Type': 'text/plain' }).end(error instanceof Error ? error.message : 'failed');
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
