import type { authorizationCodeGrant, Configuration } from 'openid-client';
import { StatusError } from '#shared/api/status';
import { getPath } from '#shared/kind/paths';
import type { ProviderIdentity } from '../accounts/accounts';
import type { Provider } from './signInProviders';

type Tokens = Awaited<ReturnType<typeof authorizationCodeGrant>>;
type Claims = Readonly<Record<string, unknown>>;

/**
 * Who the ID token is about. Its signature, issuer, audience, times and nonce have been checked. What it leaves out is asked for at the
 * user info endpoint, whose answer counts only for the same subject.
 */
export async function readOidcIdentity(provider: Provider, config: Configuration, tokens: Tokens): Promise<ProviderIdentity> {
  const claims = tokens.claims();
  if (claims === undefined) throw new StatusError('Unauthorized', 'The provider sent no ID token.', { code: 'SIGN_IN_FAILED' });
  const wanted = { username: provider.spec.claims?.username ?? 'preferred_username', email: provider.spec.claims?.email ?? 'email', groups: provider.spec.claims?.groups ?? 'groups' };
  const complete = [wanted.username, wanted.email].every((name) => claim(claims, name) !== undefined);
  let all: Claims = claims;
  if (!complete && config.serverMetadata().userinfo_endpoint !== undefined) {
    const { fetchUserInfo } = await import('openid-client');
    all = { ...(await fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
  }
  const email = text(claim(all, wanted.email));
  const login = text(claim(all, wanted.username)) ?? email?.split('@')[0];
  const displayName = text(all.name);
  const groups = claim(all, wanted.groups);
  return {
    provider: provider.name, subject: claims.sub,
    ...(login === undefined ? {} : { login }), ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email, emailVerified: all.email_verified === true }),
    ...(Array.isArray(groups) ? { groups: groups.filter((group): group is string => typeof group === 'string') } : {}),
  };
}

/** A claim by its name, or by a dotted path: `realm_access.roles`. */
function claim(claims: Claims, name: string): unknown {
  return claims[name] ?? getPath(claims, name);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
