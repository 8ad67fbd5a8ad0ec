import type { SpecOf } from '#shared/kind/defineKind';
import type { AuthProvider } from '#shared/kinds/identity/authProvider';

export type ProviderSpec = SpecOf<typeof AuthProvider>;
export type ProviderType = ProviderSpec['type'];

/** What the form holds: texts, as they are typed. */
export interface ProviderDraft {
  readonly type: ProviderType;
  readonly name: string;
  readonly displayName: string;
  readonly enabled: boolean;
  readonly issuerUrl: string;
  readonly clientId: string;
  /** Typed anew only; what is kept is shown to nobody. */
  readonly clientSecret: string;
  readonly allowedDomains: string;
  readonly adminGroups: string;
  readonly userHeader: string;
  readonly trustedProxies: string;
  readonly createUsers: boolean;
}

export const EMPTY_DRAFT: ProviderDraft = {
  type: 'oidc', name: '', displayName: '', enabled: true, issuerUrl: '', clientId: '', clientSecret: '', allowedDomains: '', adminGroups: '', userHeader: 'x-forwarded-user', trustedProxies: '', createUsers: false,
};

export function toDraft(name: string, spec: ProviderSpec): ProviderDraft {
  return {
    type: spec.type, name, displayName: spec.displayName ?? '', enabled: spec.enabled, issuerUrl: spec.issuerUrl ?? '', clientId: spec.clientId ?? '', clientSecret: '',
    allowedDomains: spec.allowedDomains?.join(', ') ?? '', adminGroups: spec.adminGroups?.join(', ') ?? '',
    userHeader: spec.headers?.user ?? EMPTY_DRAFT.userHeader, trustedProxies: spec.trustedProxies?.join(', ') ?? '', createUsers: spec.createUsers,
  };
}

/** Types that people are sent to. */
export function isRemote(type: ProviderType): boolean {
  return type === 'oidc' || type === 'github';
}

/**
 * The fields of the spec that the form is about, as a merge patch: null takes away what the type does not read, or what was emptied.
 * `secretName` is where a new client secret was put.
 */
export function toSpecPatch(draft: ProviderDraft, secretName?: string): Record<string, unknown> {
  const remote = isRemote(draft.type);
  const trusting = remote || draft.type === 'delegated';
  return {
    type: draft.type,
    displayName: textOrNull(draft.displayName),
    enabled: draft.enabled,
    createUsers: trusting && draft.createUsers,
    issuerUrl: draft.type === 'oidc' ? textOrNull(draft.issuerUrl) : null,
    clientId: remote ? textOrNull(draft.clientId) : null,
    ...(!remote ? { clientSecretRef: null } : secretName === undefined ? {} : { clientSecretRef: { name: secretName } }),
    allowedDomains: trusting ? listOrNull(draft.allowedDomains) : null,
    adminGroups: trusting ? listOrNull(draft.adminGroups) : null,
    ...(draft.type === 'delegated' ? { headers: { user: textOrNull(draft.userHeader) }, trustedProxies: listOrNull(draft.trustedProxies) } : { headers: null, trustedProxies: null }),
  };
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function listOrNull(text: string): string[] | null {
  const items = text.split(/[\s,]+/).filter((item) => item !== '');
  return items.length === 0 ? null : items;
}
