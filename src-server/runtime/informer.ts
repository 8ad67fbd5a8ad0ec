import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { compareResourceVersions } from '#shared/kind/resourceVersion';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import { organizationOf } from '../resources/objectScope';
import { pagesOf } from '../resources/pagesOf';
import type { ResourceClient } from '../resources/resourceClient';
import { keyOf, requestOf, type ReconcileRequest } from './controller';
import { createReflector, type ObjectSink, type Reflector } from './reflector';

export interface InformerOptions {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Is told of every object of a kind at the start, and of each change of one. What it throws is logged. */
export interface ObjectListener {
  changed(ref: ReconcileRequest, object: KradleObject): void;
  /** `object` is its last state; undefined when it went while nobody looked. */
  gone(ref: ReconcileRequest, object: KradleObject | undefined): void;
}

/** Is told which object of a kind came, changed or went, from the start on. */
export interface NameListener {
  changed(ref: ReconcileRequest): void;
  /** Anything may have changed: the watch was interrupted, and what lies between is not known. */
  missed(): void;
}

/**
 * Tells controllers of objects, of all their kinds by one watch. It never goes back in time, and it keeps no object: reconcilers read what
 * they decide from, so a name and a version are enough to know what is new.
 */
export interface Informer {
  readonly reflector: Reflector;
  /** Listeners are added before the start. */
  listen(kind: AnyKind, listener: ObjectListener): void;
  /** For who needs no more than names: such objects are neither listed at the start nor kept track of. */
  listenByName(kind: AnyKind, listener: NameListener): void;
  /** Whether anybody listens. */
  readonly isNeeded: boolean;
  /** Objects that are kept track of. */
  readonly size: number;
  /** The objects of a kind that is listened to. */
  refsOf(kind: AnyKind): ReconcileRequest[];
}

interface Interest {
  readonly kind: AnyKind;
  readonly listeners: ObjectListener[];
  readonly nameListeners: NameListener[];
  /** Versions of the objects by their key; of none where only names are listened to. */
  readonly versions: Map<string, string>;
}

export function createInformer(opts: InformerOptions): Informer {
  const { resources, clock } = opts;
  const log = opts.log.child({ informer: 'controllers' });
  /** By the name of the kind. */
  const interests = new Map<string, Interest>();

  const sink: ObjectSink = {
    beginList() {
      const isFirst = !reflector.hasSynced;
      const unseen = new Map([...interests.values()].map((interest) => [interest, new Set(interest.versions.keys())]));
      return {
        add(object) {
          const interest = interests.get(object.kind);
          if (interest === undefined) return;
          const ref = refOf(interest, object);
          unseen.get(interest)?.delete(keyOf(ref));
          if (isNews(interest, ref, object)) changed(interest, ref, object);
        },
        done() {
          for (const [interest, keys] of unseen) for (const key of keys) gone(interest, requestOf(key), undefined);
          if (isFirst) return;
          for (const { nameListeners } of interests.values()) for (const listener of nameListeners) tell(() => listener.missed());
        },
      };
    },
    apply(type, object) {
      const interest = interests.get(object.kind);
      if (interest === undefined) return;
      const ref = refOf(interest, object);
      for (const listener of interest.nameListeners) tell(() => listener.changed(ref));
      if (interest.listeners.length === 0 || !isNews(interest, ref, object)) return;
      if (type === 'DELETED') gone(interest, ref, object);
      else changed(interest, ref, object);
    },
  };

  const reflector = createReflector({
    name: 'controllers',
    clock,
    log: opts.log,
    source: {
      async *pages(limit) {
        for (const { kind, listeners } of interests.values()) {
          if (listeners.length > 0) yield* pagesOf((at) => resources.list(kind, { org: '*', ...at }), limit);
        }
      },
      watch: (from) => resources.watchOrg({ org: '*', kinds: [...interests.values()].map(({ kind }) => kind), ...from }),
    },
    sink,
  });

  function changed({ listeners, versions }: Interest, ref: ReconcileRequest, object: KradleObject): void {
    versions.set(keyOf(ref), object.metadata.resourceVersion);
    for (const listener of listeners) tell(() => listener.changed(ref, object));
  }

  function gone({ listeners, versions }: Interest, ref: ReconcileRequest, object: KradleObject | undefined): void {
    versions.delete(keyOf(ref));
    for (const listener of listeners) tell(() => listener.gone(ref, object));
  }

  function tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      log.error({ err: error }, 'informer listener failed');
    }
  }

  function interestIn(kind: AnyKind): Interest {
    const known = interests.get(kind.names.kind);
    if (known !== undefined) return known;
    if (reflector.position !== '') throw new Error(`the first who listens to ${kind.names.plural} was added after the start`);
    const interest: Interest = { kind, listeners: [], nameListeners: [], versions: new Map() };
    interests.set(kind.names.kind, interest);
    return interest;
  }

  return {
    reflector,
    listen: (kind, listener) => void interestIn(kind).listeners.push(listener),
    listenByName: (kind, listener) => void interestIn(kind).nameListeners.push(listener),
    get isNeeded() {
      return interests.size > 0;
    },
    get size() {
      return [...interests.values()].reduce((sum, { versions }) => sum + versions.size, 0);
    },
    refsOf: (kind) => [...(interests.get(kind.names.kind)?.versions.keys() ?? [])].map(requestOf),
  };
}

/** One list begins before the next one, and the watch with the first: it tells once more of what a later list has told already. */
function isNews({ versions }: Interest, ref: ReconcileRequest, { metadata: { resourceVersion } }: KradleObject): boolean {
  const known = versions.get(keyOf(ref));
  return known === undefined || compareResourceVersions(known, resourceVersion) < 0;
}

function refOf({ kind }: Interest, object: KradleObject): ReconcileRequest {
  return { org: organizationOf(kind, object), name: object.metadata.name };
}
