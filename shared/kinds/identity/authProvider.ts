import { z } from 'zod';
import { defineKind } from '../../kind/defineKind';
import { httpUrl, organizationRef, secretReference } from '../../kind/fields';

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of an HTTP header');

export const AuthProvider = defineKind({
  names: { kind: 'AuthProvider', plural: 'authproviders', singular: 'authprovider', title: 'Sign-in providers' },
  context: 'identity',
  storage: 'config',
  placement: 'org',
  purpose: 'Way to sign in: whether people see it, and whose word about who they are is taken',
  spec: () => z.object({
    organizationRef,
    type: z.enum(['github', 'oidc', 'delegated', 'password', 'token']).describe('github and oidc send people to a provider; delegated takes a proxy\'s word from headers; password and token are checked here.'),
    displayName: z.string().max(200).optional().describe('On the button: "Sign in with …".'),
    enabled: z.boolean().default(true).describe('Whether people may sign in this way.'),
    issuerUrl: httpUrl.optional().describe('oidc: the issuer. Endpoints that are not given are discovered from it.'),
    authorizationUrl: httpUrl.optional().describe('oidc, github: where people are sent.'),
    tokenUrl: httpUrl.optional().describe('oidc, github: where the code is exchanged.'),
    userInfoUrl: httpUrl.optional().describe('oidc, github: where the profile is read.'),
    clientId: z.string().max(500).optional().describe('oidc, github: this installation\'s id at the provider.'),
    clientSecretRef: secretReference.optional().describe('oidc, github: the Secret that holds the client secret.'),
    scopes: z.array(z.string().min(1).max(200)).max(50).optional().describe('oidc, github: what is asked for: openid, email, profile.'),
    claims: z.object({
      username: z.string().max(200).optional(),
      email: z.string().max(200).optional(),
      groups: z.string().max(200).optional(),
    }).optional().describe('oidc: claims that carry the login, the address and the groups.'),
    headers: z.object({
      user: headerName.optional(),
      email: headerName.optional(),
      groups: headerName.optional(),
    }).optional().describe('delegated: headers in which the proxy names the person, such as x-forwarded-user.'),
    trustedProxies: z.array(z.string().min(1).max(100)).max(100).optional().describe('delegated: addresses or networks whose headers are believed: 10.0.0.0/8.'),
    allowedDomains: z.array(z.string().min(1).max(253)).max(100).optional().describe('Domains of e-mail addresses that may sign in; absent means all.'),
    adminGroups: z.array(z.string().min(1).max(253)).max(100).optional().describe('Members of these groups at the provider are administrators.'),
    createUsers: z.boolean().default(false).describe('Whoever signs in for the first time gets an account; otherwise an invitation is needed.'),
  }),
  status: () => z.object({
    phase: z.enum(['Pending', 'Ready', 'Disabled', 'Failed']).optional(),
    message: z.string().optional().describe('Why people cannot sign in this way.'),
    callbackUrl: z.string().optional().describe('What to register at the provider as the redirect address.'),
  }),
  columns: [
    { name: 'Type', path: 'spec.type', type: 'string' },
    { name: 'Display name', path: 'spec.displayName', type: 'string' },
    { name: 'Enabled', path: 'spec.enabled', type: 'boolean' },
    { name: 'Issuer', path: 'spec.issuerUrl', type: 'string', priority: 1 },
    { name: 'Phase', path: 'status.phase', type: 'phase' },
    { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' },
  ],
  search: ['spec.displayName', 'spec.type', 'spec.issuerUrl'],
  form: {
    authorizationUrl: { advanced: true },
    tokenUrl: { advanced: true },
    userInfoUrl: { advanced: true },
    claims: { advanced: true },
    headers: { advanced: true },
    trustedProxies: { advanced: true },
  },
});
