import type { Clock } from '../../app/clock';
import type { Actor } from '../../resources/actor';
import { isSensitiveRead, type AuditedAct, type AuditGroup, type AuditTrail, type AuditTrails, type Door } from '../../resources/auditTrail';
import type { WriteRecord } from '../../store/store';
import { recordOfAct } from './actRecord';
import type { AuditLog } from './auditLog';

/** Objects that one record lists as written, at most. */
const MAX_CHANGES = 100;

/** Who looks at the log looks again and again: a page follows, a list is polled. Within so many ms that is one record. */
const SAME_READ_MS = 60_000;
const REPEATED_READ = 'read-audit';
/** Readers that are remembered. */
const MAX_READERS = 1_000;

/** Makes trails that lead into a log. */
export function createAuditTrails(opts: { log: AuditLog; clock: Clock; uuid: () => string }): AuditTrails {
  const deps: TrailDeps = { ...opts, readers: new Map() };
  return { begin: (request) => new RequestTrail(deps, request) };
}

interface TrailDeps {
  readonly log: AuditLog;
  readonly clock: Clock;
  readonly uuid: () => string;
  /** Who has read which log through which door, and when that was recorded, in ms. */
  readonly readers: Map<string, number>;
}

class RequestTrail implements AuditTrail {
  readonly door: Door;
  readonly correlationId: string;
  readonly sourceAddress?: string;
  readonly #deps: TrailDeps;
  readonly #owner: Actor | undefined;

  constructor(deps: TrailDeps, request: Parameters<AuditTrails['begin']>[0]) {
    this.#deps = deps;
    this.door = request.door;
    this.correlationId = request.correlationId;
    if (request.sourceAddress !== undefined) this.sourceAddress = request.sourceAddress;
    this.#owner = request.actor;
  }

  async note(actor: Actor, act: AuditedAct): Promise<void> {
    const who = this.#whose(actor);
    const reader = act.outcome === 'allowed' && act.verb === REPEATED_READ ? this.#readerOf(who, act) : undefined;
    if (reader !== undefined && this.#hasJustRead(reader)) return;
    const { log, draft } = recordOfAct(who, act, { request: this, uid: this.#deps.uuid() });
    await this.#deps.log.append(log, draft);
    if (reader !== undefined) this.#remember(reader);
  }

  recordOf(actor: Actor, act: AuditedAct): WriteRecord {
    const { log, draft } = recordOfAct(this.#whose(actor), act, { request: this, uid: this.#deps.uuid() });
    return this.#deps.log.recordOf(log, draft);
  }

  ready(): Promise<void> | undefined {
    return this.#deps.log.ready();
  }

  group(): AuditGroup {
    return new VerbTrail(this);
  }

  /** Here every write is a verb of its own. */
  completing(): AuditTrail {
    return this;
  }

  /** What the system does on the trail is done by whom it belongs to. */
  #whose(actor: Actor): Actor {
    return actor.kind === 'system' && this.#owner !== undefined ? this.#owner : actor;
  }

  #readerOf({ kind, name, credential }: Actor, { org }: AuditedAct): string {
    return [kind, name, credential?.id, this.door, this.sourceAddress, org].join(' ');
  }

  #hasJustRead(reader: string): boolean {
    const before = this.#deps.readers.get(reader);
    const now = this.#deps.clock.now();
    return before !== undefined && now >= before && now - before < SAME_READ_MS;
  }

  #remember(reader: string): void {
    const { readers, clock } = this.#deps;
    if (readers.size >= MAX_READERS) readers.clear();
    readers.set(reader, clock.now());
  }
}

/** A write as the record of the verb lists it. */
type Change = Readonly<Record<'verb' | 'kind' | 'name' | 'org' | 'uid' | 'resourceVersion' | 'digest', string | undefined>>;

interface Noted {
  readonly actor: Actor;
  readonly act: AuditedAct;
}

/** Collects what one verb does. */
class VerbTrail implements AuditGroup {
  readonly #trail: AuditTrail;
  readonly #noted: Noted[] = [];
  #isSettled = false;

  constructor(trail: AuditTrail) {
    this.#trail = trail;
  }

  get door(): Door {
    return this.#trail.door;
  }

  get correlationId(): string {
    return this.#trail.correlationId;
  }

  get sourceAddress(): string | undefined {
    return this.#trail.sourceAddress;
  }

  recordOf(actor: Actor, act: AuditedAct): WriteRecord | undefined {
    return this.#isSettled ? this.#trail.recordOf(actor, act) : undefined;
  }

  async note(actor: Actor, act: AuditedAct): Promise<void> {
    if (this.#isSettled || act.outcome === 'denied' || isSensitiveRead(act)) return this.#trail.note(actor, act);
    this.#noted.push({ actor, act });
  }

  ready(): Promise<void> | undefined {
    return this.#trail.ready();
  }

  group(): AuditGroup {
    return new VerbTrail(this);
  }

  completing(): AuditTrail {
    const { door, correlationId, sourceAddress } = this;
    return {
      door, correlationId, ...(sourceAddress === undefined ? {} : { sourceAddress }),
      note: (actor, act) => this.note(actor, act),
      recordOf: (actor, act) => this.recordOf(actor, act) ?? this.#recordWith({ actor, act }),
      ready: () => this.ready(),
      group: () => this.group(),
      completing: () => this.completing(),
    };
  }

  async settle(failure?: string): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const whole = wholeOf(this.#noted, failure);
    if (whole !== undefined) await this.#trail.note(whole.actor, whole.act);
  }

  /** The record of the verb, to be stored with its last write. */
  #recordWith(last: Noted): WriteRecord | undefined {
    const whole = wholeOf([...this.#noted, last]);
    const record = whole === undefined ? undefined : this.#trail.recordOf(whole.actor, whole.act);
    if (record === undefined) return undefined;
    return {
      ...record,
      onStored: (head) => {
        this.#isSettled = true;
        record.onStored?.(head);
      },
    };
  }
}

/** What a verb has done, as one act; undefined when that is nothing. `failure` as in {@link AuditGroup.settle}. */
function wholeOf(noted: readonly Noted[], failure?: string): Noted | undefined {
  const writes = noted.filter(({ act }) => act.part === 'write');
  const main = noted.find(({ act }) => act.part !== 'write') ?? writes[0];
  if (main === undefined || (failure !== undefined && writes.length === 0)) return undefined;
  // The write that the verb is about says which object it was, and what became of it; a verb that is that write is no more than it.
  const own = main.act.part === 'write' ? main : writes.find(({ act }) => act.kind === main.act.kind && (main.act.name === undefined || act.name === main.act.name));
  const others = writes.filter((each) => each !== own || each.act.verb !== main.act.verb);
  const details = {
    ...main.act.details,
    ...(others.length === 0 ? {} : { changes: others.slice(0, MAX_CHANGES).map(({ act }) => changeOf(act)) }),
    ...(others.length > MAX_CHANGES ? { furtherChanges: others.length - MAX_CHANGES } : {}),
    ...(failure === undefined ? {} : { failed: failure }),
  };
  const { uid, resourceVersion, digest, name, namespace } = own?.act ?? {};
  return {
    actor: main.actor,
    act: { ...definedOf({ name, namespace, uid, resourceVersion, digest }), ...withoutAbsent(main.act), ...(Object.keys(details).length === 0 ? {} : { details }) },
  };
}

function changeOf({ verb, kind, name, org, uid, resourceVersion, digest }: AuditedAct): Partial<Change> {
  return definedOf({ verb, kind, name, org, uid, resourceVersion, digest });
}

function withoutAbsent(act: AuditedAct): AuditedAct {
  return definedOf(act) as AuditedAct;
}

function definedOf<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
