import type { ObjectOf } from '#shared/kind/defineKind';
import type { AuthProvider } from '#shared/kinds/identity/authProvider';

export type ProviderObject = ObjectOf<typeof AuthProvider>;

/** Organization in which the installation itself is set up. */
export const INSTALLATION_ORG = 'default';
