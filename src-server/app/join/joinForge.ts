import { join } from 'node:path';
import type { Audit } from '../../domains/audit/audit';
import { createForge, type Forge } from '../../domains/forge/forge';
import type { Secrets } from '../../domains/secrets/createSecrets';
import { Secret } from '../../domains/secrets/secret';
import { COMMIT_SIGNING_KEY } from '../dataDir';
import type { Ground } from '../ground';
import { workspaceRepositoriesRoot } from './createWorktrees';
import type { Hosting } from './hosting';
import type { LateParts } from './lateParts';
import { createRepositoryWorkspaces } from './repositoryWorkspaces';
import { sshSettings } from './sshSettings';

export function joinForge(ground: Ground, late: LateParts, others: { audit: Audit; secrets: Secrets; hosting: Hosting }): Forge {
  const { config, dataDir, clock, log, environment, storage, blobs, address } = ground;
  const { audit, secrets, hosting } = others;
  return createForge({
    resources: () => late.resources(),
    relocation: () => late.relocation(),
    signIn() {
      const { accounts, signIn, tokens } = late.identity();
      return { findAccount: (name) => accounts.findActor(name), follow: (actor, end) => signIn.credentials.follow(actor, end), trails: audit.trails, seal: tokens, baseUrl: () => address.baseUrl() };
    },
    readSecret: (org, ref) => secrets.reader.read(org, ref),
    secretKind: Secret,
    eventLog: storage.eventLog,
    blobs,
    namedDigests: () => late.organizationFiles().namedDigests(),
    clock,
    log,
    environment,
    repositoriesRoot: dataDir.repositories,
    workspaceRepositoriesRoot: workspaceRepositoriesRoot(dataDir.workspaces),
    workspaces: createRepositoryWorkspaces(dataDir),
    gitRoot: dataDir.git,
    signingKeyFile: join(dataDir.ssh, COMMIT_SIGNING_KEY),
    ssh: sshSettings(config, dataDir),
    maxPackBytes: config.maxPackBytes,
    maxLfsFileBytes: config.maxLfsFileBytes,
    maxReleaseFileBytes: config.maxReleaseFileBytes,
    maxGitServices: config.maxGitServices,
    // On a laptop the server's user is the person: their folders may be read, and their git credentials used.
    imports: async () => ((await hosting.isHosted()) ? { identity: 'isolated', allowFolders: false, addresses: hosting.addresses } : { identity: 'user', allowFolders: true }),
  });
}
