import { join } from 'node:path';
import { COMMIT_SIGNING_KEY, type DataDir } from '../dataDir';

/** Where the keys of an installation are, and their names in a backup. Who has them can sign in, and read what is encrypted. */
export function keyFiles(dataDir: DataDir): readonly { readonly name: string; readonly path: string }[] {
  return [
    { name: 'admin-token', path: dataDir.adminTokenFile },
    { name: 'secret.key', path: dataDir.secretKeyFile },
    ...['ca.pem', 'ca.key', 'server.pem', 'server.key'].map((file) => ({ name: `tls/${file}`, path: join(dataDir.tls, file) })),
    ...['ssh_host_ed25519_key', 'ssh_host_ecdsa_key', COMMIT_SIGNING_KEY].map((file) => ({ name: `ssh/${file}`, path: join(dataDir.ssh, file) })),
  ];
}
