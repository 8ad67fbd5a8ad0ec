import type { Clock } from '../../app/clock';
import type { KeyFile } from '../../app/keyRing';
import type { Logger } from '../../app/log';
import { controllerActor, type Actor } from '../../resources/actor';
import type { ResourceClient } from '../../resources/resourceClient';

/** What the composition root hands to the secrets. */
export interface SecretsDeps {
  /** Acts for the system. Called at use: the resources need this domain's strategies first. */
  readonly resources: () => ResourceClient;
  /** Called at use: the keys are made once the database has something in it. */
  readonly keys: () => KeyFile;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SecretsContext {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly keys: KeyFile;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who writes internal objects for somebody whose right to it was asked: the system, under their name. */
export function inTheNameOf(actor: Actor): Actor {
  return controllerActor(actor.name);
}
