import type { Endpoint } from '../../http/endpoint';
import type { AnyStrategy } from '../../resources/strategy';
import type { Controller, Runnable } from '../../runtime/controller';

/** What one room of the forge brings to the whole: `forge.ts` lists the rooms and joins what they bring. */
export interface ForgePart {
  readonly endpoints?: readonly Endpoint[];
  readonly controllers?: readonly Controller[];
  readonly strategies?: readonly AnyStrategy[];
  /** What runs beside the forge and stops by itself. */
  readonly runnables?: readonly Runnable[];
  /** Called one part after the other, in the order of the list. */
  start?(): Promise<void>;
  /** Called one part after the other, from the last to the first. */
  stop?(): Promise<void>;
  /** Settles when nothing runs beside the controllers: for tests. */
  idle?(): Promise<void>;
}
