import type { TypedEvent } from '../../../resources/resourceClient';
import type { KubeObject, ObjectSource } from './kubeObject';

/** How far behind a hub's position may be while nothing happens that concerns it, in ms. */
const POSITION_MS = 10_000;

/** A watch that has caught up and is told of changes instead of asking for them. */
export interface HubMember {
  /** A change above the position at which the member joined. Must not throw. */
  deliver(event: TypedEvent<KubeObject>, object: KubeObject): void;
  /** The hub's own watch ended. A watch of the member's own will tell why, if that concerns it. */
  ended(): void;
}

/**
 * One watch for all who watch the same and have caught up. A thousand watches of their own would each be woken for each change; from a
 * hub a change goes to all of them in one loop. It never waits for a member: one that cannot take more leaves and goes on by itself.
 */
export class WatchHub {
  readonly #members = new Map<HubMember, bigint>();
  readonly #stop = new AbortController();
  readonly #onEmpty: () => void;
  #position: bigint;

  constructor(source: ObjectSource, opts: { position: bigint; onEmpty: () => void }) {
    this.#position = opts.position;
    this.#onEmpty = opts.onEmpty;
    void this.#run(source);
  }

  /** Every member has been told everything up to this revision. */
  get position(): string {
    return this.#position.toString();
  }

  /** Takes in a member that knows everything up to `position`. False when the hub is ahead of it: what lies between is its own to get. */
  join(member: HubMember, position: bigint): boolean {
    if (position < this.#position) return false;
    this.#members.set(member, position);
    return true;
  }

  leave(member: HubMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#onEmpty();
    this.#stop.abort();
  }

  async #run(source: ObjectSource): Promise<void> {
    try {
      const events = source.watch({ resourceVersion: this.position, bookmarkEveryMs: POSITION_MS, signal: this.#stop.signal });
      for await (const event of events) this.#tell(event);
    } catch {
      // The members find out, each from where it stands: what is too old for one may not be for another.
    }
    this.#onEmpty();
    for (const member of this.#members.keys()) member.ended();
  }

  #tell(event: TypedEvent<KubeObject>): void {
    this.#position = BigInt(event.resourceVersion);
    const { object } = event;
    if (object === undefined) return;
    for (const [member, since] of this.#members) if (this.#position > since) member.deliver(event, object);
  }
}

/** The hubs of a server, by what they watch. */
export class WatchHubs {
  readonly #hubs = new Map<string, WatchHub>();

  /** Lets a member join the hub of its source; undefined when it cannot now. A source without an identity is watched by each for itself. */
  join(source: ObjectSource, member: HubMember, resourceVersion: string): WatchHub | undefined {
    const { identity } = source;
    if (identity === undefined) return undefined;
    const position = BigInt(resourceVersion);
    const hub = this.#hubs.get(identity) ?? this.#open(source, identity, position);
    return hub.join(member, position) ? hub : undefined;
  }

  #open(source: ObjectSource, identity: string, position: bigint): WatchHub {
    const hub: WatchHub = new WatchHub(source, {
      position,
      onEmpty: () => {
        if (this.#hubs.get(identity) === hub) this.#hubs.delete(identity);
      },
    });
    this.#hubs.set(identity, hub);
    return hub;
  }
}
