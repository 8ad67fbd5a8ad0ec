import type { ObjectOf, SpecOf } from '#shared/kind/defineKind';
import { isStatusError, StatusError } from '#shared/api/status';
import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { ObjectChanges } from '../../../runtime/objectChanges';
import { FreshCache } from '../accounts/freshCache';
import { DEFAULT_ORG } from '../organizations';

/** Entry of a Secret that holds a client secret, unless the reference names another. */
const SECRET_KEY = 'clientSecret';

export type ProviderSpec = SpecOf<typeof AuthProvider>;

/** A way to sign in, from an AuthProvider of the installation's own organization or from the environment. */
export interface Provider {
  readonly name: string;
  readonly spec: ProviderSpec;
  /** Another after every change. */
  readonly version: string;
  /** Whoever runs the server chose where it leads: it may lead into its network. */
  readonly isFromEnvironment: boolean;
  /** The client secret; undefined for a public client. Throws what keeps it from being read. */
  clientSecret(): Promise<string | undefined>;
}

/** Values of Secrets, as the domain that keeps them offers them. */
export interface SecretPort {
  read(org: string, ref: { readonly name: string; readonly key: string }): Promise<string>;
}

/** A provider that the server's settings name, so that a container needs no objects. */
export interface EnvironmentProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly displayName: string;
  readonly scopes: readonly string[];
  readonly allowedDomains: readonly string[];
  readonly adminGroups: readonly string[];
  readonly usernameClaim?: string | undefined;
  readonly groupsClaim?: string | undefined;
  readonly createUsers: boolean;
}

/** Name of the provider that comes from the environment. */
export const ENVIRONMENT_PROVIDER = 'sso';

export interface SignInProviders {
  /** Those that are switched on, by name. */
  enabled(): readonly Provider[] | Promise<readonly Provider[]>;
  /** `NotFound` for one that is not there or switched off. */
  get(name: string): Promise<Provider>;
  /** What people call it; the name itself when it is gone. */
  title(name: string): Promise<string>;
  /** Whether a type without a button is open: it is unless every provider of the type is switched off. */
  isOpen(type: 'password' | 'token'): Promise<boolean>;
}

export function createSignInProviders(opts: { resources: ResourceClient; changes: ObjectChanges; secrets: SecretPort; environment?: EnvironmentProvider | undefined }): SignInProviders {
  const resources = opts.resources.as(controllerActor('sign-in'));
  const cache = new FreshCache<readonly Provider[]>({ maxEntries: 1 });
  const environment = opts.environment === undefined ? [] : [fromEnvironment(opts.environment)];

  opts.changes.onChange((change) => {
    if (change === undefined || change.kind === AuthProvider.names.kind) cache.clear();
  });

  const all = () => cache.get('all', async () => {
    const { items } = await resources.list(AuthProvider, { org: DEFAULT_ORG });
    const objects = items.map((item) => fromObject(item, opts.secrets));
    return [...objects, ...environment.filter(({ name }) => !objects.some((each) => each.name === name))].sort((a, b) => a.name.localeCompare(b.name));
  });

  return {
    enabled() {
      const known = all();
      return known instanceof Promise ? known.then(onlyEnabled) : onlyEnabled(known);
    },
    async get(name) {
      const found = onlyEnabled(await all()).find((each) => each.name === name);
      if (found === undefined) throw new StatusError('NotFound', `There is no sign-in provider "${name.slice(0, 100)}"`);
      return found;
    },
    async title(name) {
      const found = (await all()).find((each) => each.name === name);
      return found === undefined ? name : titleOf(found);
    },
    async isOpen(type) {
      const ofType = (await all()).filter(({ spec }) => spec.type === type);
      return ofType.length === 0 || onlyEnabled(ofType).length > 0;
    },
  };
}

/** The provider that an object describes. */
export function fromObject({ metadata, spec }: ObjectOf<typeof AuthProvider>, secrets: SecretPort): Provider {
  return {
    name: metadata.name, spec, version: `${metadata.uid}/${metadata.generation}`, isFromEnvironment: false,
    async clientSecret() {
      const ref = spec.clientSecretRef;
      if (ref === undefined) return undefined;
      try {
        return await secrets.read(DEFAULT_ORG, { name: ref.name, key: ref.key ?? SECRET_KEY });
      } catch (error) {
        if (isStatusError(error, 'NotFound')) throw new StatusError('Invalid', `Its client secret cannot be read: there is no Secret "${ref.name}" with an entry "${ref.key ?? SECRET_KEY}"`, { cause: error });
        throw error;
      }
    },
  };
}

export function titleOf({ name, spec }: Provider): string {
  return spec.displayName ?? (spec.type === 'github' ? 'GitHub' : name);
}

const onlyEnabled = (providers: readonly Provider[]) => providers.filter(({ spec }) => spec.enabled);

function fromEnvironment(settings: EnvironmentProvider): Provider {
  const { usernameClaim, groupsClaim } = settings;
  return {
    name: ENVIRONMENT_PROVIDER, version: 'environment', isFromEnvironment: true,
    spec: {
      organizationRef: DEFAULT_ORG, type: 'oidc', enabled: true, displayName: settings.displayName, issuerUrl: settings.issuer, clientId: settings.clientId, scopes: [...settings.scopes], createUsers: settings.createUsers,
      claims: { ...(usernameClaim === undefined ? {} : { username: usernameClaim }), ...(groupsClaim === undefined ? {} : { groups: groupsClaim }) },
      ...(settings.allowedDomains.length === 0 ? {} : { allowedDomains: [...settings.allowedDomains] }),
      ...(settings.adminGroups.length === 0 ? {} : { adminGroups: [...settings.adminGroups] }),
    },
    clientSecret: async () => settings.clientSecret,
  };
}
