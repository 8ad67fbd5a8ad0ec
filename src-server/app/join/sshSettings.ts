import type { SshSettings } from '../../domains/forge/ssh/gitSsh';
import type { Config } from '../config';
import type { DataDir } from '../dataDir';

/** Undefined where git over SSH is switched off. */
export function sshSettings({ sshPort, sshHost, sshPublicAddress, host }: Pick<Config, 'sshPort' | 'sshHost' | 'sshPublicAddress' | 'host'>, { ssh }: Pick<DataDir, 'ssh'>): SshSettings | undefined {
  return sshPort === 'off' ? undefined : { host: sshHost ?? host, port: sshPort, publicAddress: sshPublicAddress, folder: ssh };
}
