import type { KradleObject } from '#shared/kind/defineKind';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { organizationOf } from '../../../resources/objectScope';
import type { ForgeContext } from '../forgeContext';
import type { GitServiceLimits } from '../git/process/gitClient';
import { createKeyHolders, type KeyHolders } from '../keys/keyHolder';
import type { KeyIndex } from '../keys/keyIndex';
import { createLfsTickets, type LfsTickets } from '../lfs/lfsTickets';
import type { PushService } from '../push/pushService';
import type { SignInPort } from '../signInPort';
import { createSshCommands } from './sshCommands';
import { createSshDoor, type SshDoor, type SshDoorOptions } from './sshDoor';

export type SshSettings = Pick<SshDoorOptions, 'host' | 'port' | 'publicAddress' | 'folder' | 'limits'>;

/** Everything that hangs on SSH keys: who they sign in, the door that they open, and the tickets that it hands out. */
export interface GitSsh {
  readonly holders: KeyHolders;
  readonly tickets: LfsTickets;
  /** Undefined where git over SSH is switched off. */
  readonly door: SshDoor | undefined;
  /** Takes in that an object was written: at once where this process wrote it. */
  learn(change: KradleObject | undefined): void;
}

export function createGitSsh(deps: { ctx: ForgeContext; index: KeyIndex; pushes: PushService; limits: GitServiceLimits; signIn: () => SignInPort; settings: SshSettings | undefined }): GitSsh {
  const { ctx, index, pushes, limits, signIn, settings } = deps;
  const baseUrl = () => signIn().baseUrl();
  const holders = createKeyHolders({ ctx, index, findAccount: (name) => signIn().findAccount(name) });
  const tickets = createLfsTickets({ seal: () => signIn().seal, holders, clock: ctx.clock, baseUrl });
  const door = settings === undefined ? undefined : createSshDoor({
    ...settings,
    publicHost: () => hostOf(baseUrl()),
    holders,
    log: ctx.log,
    follow: (actor, end) => signIn().follow(actor, end),
    run: createSshCommands({ ctx, pushes, limits, tickets, trails: () => signIn().trails, baseUrl }),
  });
  return {
    holders,
    tickets,
    door,
    learn(change) {
      index.learn(change);
      if (change === undefined) door?.recheck();
      else if (change.kind === SSHKey.names.kind) door?.recheck(`${organizationOf(SSHKey, change)}/${change.metadata.name}`);
    },
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : 'localhost';
}
