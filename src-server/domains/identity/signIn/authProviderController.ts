import { isStatusError } from '#shared/api/status';
import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { DEFAULT_ORG } from '../organizations';
import type { AuthorizationFlow } from './authorizationFlow';
import { callbackPath } from './signInEndpoints';
import { fromObject, type Provider, type SecretPort } from './signInProviders';

const RECHECK_READY_MS = 10 * 60_000;
const RECHECK_FAILED_MS = 30_000;

/** Says of each provider whether people can sign in by it, and if not why. */
export function createAuthProviderController(opts: { resources: ResourceClient; flow: AuthorizationFlow; secrets: SecretPort; baseUrl: () => string }): Controller {
  const resources = opts.resources.as(controllerActor('auth-provider'));

  async function problemOf(provider: Provider): Promise<string | undefined> {
    const { type, headers, trustedProxies } = provider.spec;
    if (type === 'delegated') {
      if (headers?.user === undefined) return 'spec.headers.user is missing: name the header in which the proxy says who the person is';
      return trustedProxies === undefined || trustedProxies.length === 0 ? 'spec.trustedProxies is missing: name the addresses that the proxy\'s connections come from' : undefined;
    }
    if (type !== 'oidc' && type !== 'github') return undefined;
    try {
      await opts.flow.check(provider);
      return undefined;
    } catch (error) {
      if (isStatusError(error)) return error.message;
      throw error;
    }
  }

  return {
    name: 'auth-provider',
    kind: AuthProvider,
    async reconcile(ref) {
      const found = await resources.find(AuthProvider, ref);
      if (found === undefined) return;
      const { enabled, type } = found.spec;
      const elsewhere = ref.org === DEFAULT_ORG ? undefined : `Only the providers of organization "${DEFAULT_ORG}" sign people in`;
      const problem = !enabled ? undefined : elsewhere ?? (await problemOf(fromObject(found, opts.secrets)));
      await resources.mutateStatus(AuthProvider, ref, (status, current) => {
        status.phase = !current.spec.enabled ? 'Disabled' : problem === undefined ? 'Ready' : 'Failed';
        status.message = problem;
        status.callbackUrl = type === 'oidc' || type === 'github' ? opts.baseUrl() + callbackPath(ref.name) : undefined;
        status.observedGeneration = current.metadata.generation;
      });
      if (!enabled || elsewhere !== undefined) return;
      return { requeueAfterMs: problem === undefined ? RECHECK_READY_MS : RECHECK_FAILED_MS };
    },
  };
}
