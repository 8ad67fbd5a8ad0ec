import type { AnyKind } from '#shared/kind/defineKind';

export type GrantedKind = 'secret' | 'config';

/** What the run engine needs of secrets and config maps. Acts for the system: grants are checked before. */
export interface SecretsPort {
  /** The kinds that they are kept as, to be watched. */
  readonly kinds: Readonly<Record<GrantedKind, AnyKind>>;
  /** The entries that there are, and of a secret its version; undefined when it is not there. */
  describe(org: string, source: { readonly kind: GrantedKind; readonly name: string }): Promise<{ readonly keys: readonly string[]; readonly version?: number } | undefined>;
  /**
   * Values by key; of a secret's earlier version, where one is named. Keys that are not there are left out.
   *
   * @throws NotFound when it is not there; InternalError, naming it, when a value cannot be decrypted.
   */
  read(org: string, source: { readonly kind: GrantedKind; readonly name: string; readonly keys: readonly string[]; readonly version?: number | undefined }): Promise<Map<string, Buffer>>;
}
