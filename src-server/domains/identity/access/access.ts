import type { AnyKind } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { Clock } from '../../../app/clock';
import type { Logger } from '../../../app/log';
import type { Authorizer } from '../../../resources/authorize';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { WriteFeed } from '../../../resources/writeFeed';
import type { Runnable } from '../../../runtime/controller';
import { createAccessFacts } from './accessFacts';
import { createAccessAuthorizer } from './createAccessAuthorizer';
import { createAccessRouter } from './accessRouter';
import { RepositoryGraph } from './repositoryGraph';
import { visibilitySubject } from './visibilitySubject';

export interface AccessOptions {
  /** Acts for the system; made after this, as it asks the authorizer. */
  readonly resources: () => ResourceClient;
  readonly writes: Pick<WriteFeed, 'onWrite'>;
  readonly registry: KindRegistry;
  readonly runKind: AnyKind;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Access {
  readonly authorizer: Authorizer;
  readonly visibilitySubject: typeof visibilitySubject;
  readonly router: ReturnType<typeof createAccessRouter>;
  readonly runnables: readonly Runnable[];
}

/** Permission: the table, the facts that it is applied to, and the verbs that tell of it. */
export function createAccess({ resources, writes, registry, runKind, clock, log }: AccessOptions): Access {
  const graph = new RepositoryGraph(registry.all);
  const facts = createAccessFacts({ resources, writes, graph, log: log.child({ part: 'access' }) });
  return { visibilitySubject, authorizer: createAccessAuthorizer({ facts, graph, clock, runKind }), router: createAccessRouter(registry), runnables: [facts] };
}
