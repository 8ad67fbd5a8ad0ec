/** Who asks. Every door resolves one; controllers use {@link SYSTEM_ACTOR}. */
export interface Actor {
  readonly kind: 'user' | 'run' | 'system';
  /** `admin`, a run's name, a controller's name. */
  readonly name: string;
  /** Shown to people; defaults to the name. */
  readonly displayName?: string;
  /** Organizations it may act in; `*` is all of them. */
  readonly orgs: readonly string[] | '*';
  /** For a run: the one run, and the attempt of it, that its token is good for. */
  readonly run?: { readonly org: string; readonly name: string; readonly attempt?: number };
  /** Address that commits made through a door are signed off with. */
  readonly email?: string;
}

export const SYSTEM_ACTOR: Actor = Object.freeze({ kind: 'system', name: 'kradle', orgs: '*' });

/** The actor of a controller, so that logs and managedFields name it. */
export function controllerActor(name: string): Actor {
  return { kind: 'system', name, orgs: '*' };
}
