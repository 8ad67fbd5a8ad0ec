import type { AnyKind } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import type { Clock } from '../../app/clock';
import type { Authorizer } from '../../resources/authorize';
import type { ResourceClient } from '../../resources/resourceClient';
import type { CoreKinds } from './coreKinds';
import type { KubeResources } from './kubeResources';

/** What the Kubernetes door works with. */
export interface KubeDeps {
  readonly registry: KindRegistry;
  /** What is served under which group and plural. */
  readonly served: KubeResources;
  /** Acts for the system; a request uses `resources.as(actor)`. */
  readonly resources: ResourceClient;
  /** Decides, for who asks what they may do; verbs go through `resources`, which asks it by itself. */
  readonly authorizer: Authorizer;
  /** The kind whose objects are the organizations, and with them the namespaces. */
  readonly organization: AnyKind;
  /** Kinds of the core group that are kept here; absent where there are none. */
  readonly core?: CoreKinds;
  /** The store's revision now. */
  readonly headRevision: () => Promise<string>;
  /** Kradle's own version, `0.1.0`. */
  readonly version: string;
  readonly clock: Clock;
  /** Aborted when the server is about to stop: streams end as if their time were up. */
  readonly stopping?: AbortSignal;
}
