import type { SignInOptions } from '../../domains/identity/signIn/createSignIn';
import type { Config } from '../config';

const HOUR_MS = 3_600_000;

/** How long sessions and tokens live, and the provider that the settings name. */
export function signInSettings(config: Config): SignInOptions['settings'] {
  const { oidcIssuer: issuer, oidcClientId: clientId } = config;
  return {
    sessionIdleMs: config.sessionIdleHours * HOUR_MS,
    sessionLifetimeMs: config.sessionMaxDays * 24 * HOUR_MS,
    maxTokenDays: config.maxTokenDays,
    administrator: config.adminUsername,
    ...(issuer === undefined || clientId === undefined ? {} : {
      provider: {
        issuer, clientId, clientSecret: config.oidcClientSecret, displayName: config.oidcDisplayName, scopes: config.oidcScopes, allowedDomains: config.oidcAllowedDomains,
        adminGroups: config.oidcAdminGroups, usernameClaim: config.oidcUsernameClaim, groupsClaim: config.oidcGroupsClaim, createUsers: config.oidcCreateUsers,
      },
    }),
  };
}
