import type { ImportOptions } from '../git/remotes/importRepository';
import type { SecretEntryReader } from './remoteCredential';

/** How this installation imports: whose credentials count, and whether folders of the machine may be read. */
export type ImportPolicy = Pick<ImportOptions, 'identity' | 'allowFolders' | 'addresses' | 'maxBytes' | 'maxObjects'>;

/** Asked before each import: the installation may have been opened to others since the last. */
export type ImportPolicyReader = () => Promise<ImportPolicy>;

/** How imports and mirrors reach other hosts. */
export interface OtherHosts {
  readonly readPolicy: ImportPolicyReader;
  readonly readSecret: SecretEntryReader;
  /** Folder for keys of other hosts while they are in use. */
  readonly keysRoot: string;
}
