import { randomUUID } from 'node:crypto';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../../../resources/actor';
import type { AuditTrails } from '../../../resources/auditTrail';
import { serveAdvertisement } from '../git/transport/advertise';
import type { GitServiceLimits } from '../git/process/gitClient';
import { serveReceivePack } from '../git/transport/receivePack';
import { serveUploadArchive } from '../git/transport/uploadArchive';
import { serveUploadPack } from '../git/transport/uploadPack';
import { openForGit, requirePush } from '../serving/gitAccess';
import type { ForgeContext } from '../forgeContext';
import type { KeyHolder } from '../keys/keyHolder';
import type { LfsTickets } from '../lfs/lfsTickets';
import type { PushService } from '../push/pushService';
import { accountOf } from '../serving/gitServing';
import type { SshRequest } from './sshSession';

export interface SshCommandsDeps {
  readonly ctx: ForgeContext;
  readonly pushes: PushService;
  readonly limits: GitServiceLimits;
  readonly tickets: LfsTickets;
  readonly trails: () => AuditTrails;
  /** Address of the console, for links. */
  readonly baseUrl: () => string;
}

/** Carries out what clients ask for over SSH, as the same as over HTTP. Answers the exit code. */
export function createSshCommands(deps: SshCommandsDeps) {
  const { ctx, pushes, limits } = deps;
  const { serving } = ctx;
  return async ({ command, client, protocol, signal }: SshRequest, holder: KeyHolder, address: string): Promise<number> => {
    const correlationId = randomUUID();
    const trail = deps.trails().begin({ door: 'ssh', correlationId, sourceAddress: address, actor: holder.actor });
    const actor: Actor = { ...holder.actor, trail };
    const { service, org, repository: name } = command;
    const writes = service === 'git-receive-pack' || command.operation === 'upload';
    const repository = await openForGit(ctx, actor, { org, name });
    if (writes && holder.key.spec.readOnly) {
      throw new StatusError('Forbidden', `This key ("${holder.key.spec.title ?? holder.key.metadata.name}") is read-only: it may fetch and not push`, { code: 'KEY_READ_ONLY' });
    }
    const rule = writes ? await requirePush(ctx, repository, actor) : '';
    if (service === 'git-lfs-authenticate') {
      client.output.write(`${JSON.stringify(deps.tickets.issue({ holder, repository, operation: command.operation ?? 'download' }))}\n`);
      return 0;
    }
    const exchange = { repository: repository.git, client, limits };
    const visit = { repository: repository.git.path, account: accountOf(actor), signal };
    switch (service) {
      case 'git-upload-pack':
        await serving.gate.run(visit, () => serveUploadPack({ ...exchange, signal, protocol, stateless: false, packs: serving.packs() }));
        return 0;
      case 'git-upload-archive':
        return serving.gate.run(visit, () => serveUploadArchive({ ...exchange, signal }));
      case 'git-receive-pack':
        await serving.gate.run(visit, async () => {
          await serveAdvertisement(service, { ...exchange, signal });
          // Without the signal: a push that has arrived is carried out, though its sender may be gone.
          await pushes.take({ repository, actor, rule, origin: deps.baseUrl(), correlationId }, (handlers) => serveReceivePack({ ...exchange, ...handlers }));
        });
        return 0;
    }
  };
}
