import type { Runnable, Controller } from '../../runtime/controller';
import { namedController } from '../../runtime/namedController';
import { createAgentSecrets } from './agentSecrets';
import { createConfigMapVerbs } from './configMapVerbs';
import { createCoreKinds } from './coreClient';
import { createSecretController } from './secretController';
import { createSecretReader } from './secretReader';
import { createSecretRotation } from './secretRotation';
import type { SecretsContext, SecretsDeps } from './secretsContext';
import { createConfigMapsRouter, createSecretsRouter } from './secretsRouter';
import { secretStrategies } from './secretStrategies';
import { createSecretVault } from './secretVault';
import { createSecretVerbs } from './secretVerbs';

export type Secrets = ReturnType<typeof createSecrets>;

/** Secrets and config maps, as the composition root joins them with everything else. */
export function createSecrets(deps: SecretsDeps) {
  const ctx: SecretsContext = {
    clock: deps.clock,
    log: deps.log,
    get resources() {
      return deps.resources();
    },
    get keys() {
      return deps.keys();
    },
  };
  const vault = createSecretVault(ctx);
  const rotation = createSecretRotation(ctx);
  const controllers: Controller[] = [namedController(ctx, (own) => createSecretController(own, createSecretVault(own)))];
  const runnables: Runnable[] = [rotation];
  return {
    router: { secrets: createSecretsRouter(createSecretVerbs(ctx, vault), rotation), configMaps: createConfigMapsRouter(createConfigMapVerbs(ctx)) },
    strategies: secretStrategies(),
    controllers,
    runnables,
    rotation,
    /** For parts of the server that need a secret's value themselves. */
    reader: createSecretReader(ctx, vault),
    /** For the run engine, which gives agents what their grants give them. */
    agentSecrets: createAgentSecrets(ctx, vault),
    /** For the Kubernetes door. */
    coreKinds: createCoreKinds(ctx, vault),
  };
}
