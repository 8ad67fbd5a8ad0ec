import type { TokenScope } from '#shared/access/roles';
import type { AuditTrail } from './auditTrail';

/** Who asks. Every door resolves one; controllers use {@link SYSTEM_ACTOR}. */
export interface Actor {
  readonly kind: 'user' | 'service-account' | 'deploy-key' | 'run' | 'system';
  /** Name of the account, `admin`; of a service account; of a deploy key's SSHKey; of a run; of a controller. */
  readonly name: string;
  /** Shown to people; defaults to the name. */
  readonly displayName?: string;
  /** Organizations that it belongs to; `*` is all of them, which of people only the installation's administrators have. */
  readonly orgs: readonly string[] | '*';
  /** For a run: the one run, and the attempt of it, that its token is good for. */
  readonly run?: { readonly org: string; readonly name: string; readonly attempt?: number };
  /** For a deploy key: the one repository that it opens. */
  readonly deploys?: { readonly org: string; readonly repository: string; readonly readOnly: boolean };
  /** Address that commits made through a door are signed off with. */
  readonly email?: string;
  /** What the token that it came with is limited to; absent, nothing beyond its own rights. */
  readonly limits?: TokenLimits;
  /** What it signed in with. */
  readonly credential?: Credential;
  /** The request that it acts in; absent for controllers. */
  readonly trail?: AuditTrail;
}

export interface TokenLimits {
  readonly scopes: readonly TokenScope[];
  /** The one organization that the token is good for; absent, all of its owner's. */
  readonly org?: string;
}

export interface Credential {
  readonly kind: 'session' | 'token' | 'admin-token' | 'run-token' | 'proxy' | 'ssh-key';
  /** Tells one session or token from another; never the secret itself. */
  readonly id: string;
}

export const SYSTEM_ACTOR: Actor = Object.freeze({ kind: 'system', name: 'kradle', orgs: '*' });

/** The actor of a controller, so that logs and managedFields name it. */
export function controllerActor(name: string): Actor {
  return { kind: 'system', name, orgs: '*' };
}
