import type { RotationState } from '#shared/api/secrets';
import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { RingKey } from '../../app/keyRing';
import { timestampOf } from '../../app/clock';
import { pagesOf } from '../../resources/pagesOf';
import type { Runnable } from '../../runtime/controller';
import { rewrap, SealBroken } from './sealing';
import type { SecretsContext } from './secretsContext';
import { SecretValues } from './secretValues';

const PAGE = 200;
/** How long an earlier key is kept after nothing stored needs it: sessions and tokens that it signed live at most as long. */
const KEEP_KEY_MS = 31 * 24 * 3600_000;
const LOOK_AGAIN_MS = 24 * 3600_000;

/** Brings stored values under the present key. */
export interface SecretRotation extends Runnable {
  /** Makes a new present key. What is stored follows in the background; {@link settled} waits for it. */
  rotate(): Promise<RotationState>;
  state(): Promise<RotationState>;
  /** Resolves when what this server can wrap anew is wrapped anew. */
  settled(): Promise<void>;
}

/**
 * Values are encrypted under keys of their own; a rotation wraps those anew and leaves the values alone. Each step is one write, and what
 * is left to do is read from the database, so that a server which is killed in between goes on when it starts.
 */
export function createSecretRotation(ctx: SecretsContext): SecretRotation {
  const stopping = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let cancelTimer: (() => void) | undefined;

  const begin = (): void => {
    work = work.then(() => wrapAll(ctx, stopping.signal)).catch((error: unknown) => ctx.log.error({ err: error }, 'secrets were not wrapped anew; a restart tries again'));
  };
  const look = (): void => {
    ctx.keys.reload();
    begin();
    cancelTimer = ctx.clock.after(LOOK_AGAIN_MS, look);
  };

  return {
    name: 'secret-rotation',
    async start() {
      look();
    },
    async stop() {
      stopping.abort();
      cancelTimer?.();
      await work;
    },
    async rotate() {
      const { id } = ctx.keys.rotate(timestampOf(ctx.clock));
      ctx.log.info({ key: id }, 'keys rotated');
      begin();
      return stateOf(ctx);
    },
    state: () => stateOf(ctx),
    settled: () => work,
  };
}

async function wrapAll(ctx: SecretsContext, signal: AbortSignal): Promise<void> {
  const { current } = ctx.keys;
  let wrapped = 0;
  for await (const values of storedValues(ctx)) {
    if (signal.aborted) return;
    if (values.spec.keyId === current.id || ctx.keys.byId(values.spec.keyId) === undefined) continue;
    if (await wrapOne(ctx, values)) wrapped += 1;
  }
  if (wrapped > 0) ctx.log.info({ key: current.id, wrapped }, 'values of secrets are wrapped by the present key');
  await forgetUnused(ctx);
}

/** False for values that somebody has damaged: whoever reads them is told, and their key stays. */
async function wrapOne(ctx: SecretsContext, { metadata: { name }, spec: { organizationRef: org } }: ObjectOf<typeof SecretValues>): Promise<boolean> {
  try {
    await ctx.resources.mutate(SecretValues, { org, name }, (draft) => {
      Object.assign(draft.spec, rewrap(ctx.keys, { org, secret: draft.spec.secret, bundle: name }, draft.spec));
    });
    return true;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false;
    if (!(error instanceof SealBroken)) throw error;
    ctx.log.warn({ org, values: name }, 'values of a secret cannot be decrypted');
    return false;
  }
}

async function forgetUnused(ctx: SecretsContext): Promise<void> {
  const { keys } = await stateOf(ctx);
  const isOver = ({ replacedAt }: RingKey) => replacedAt !== undefined && ctx.clock.now() - Date.parse(replacedAt) > KEEP_KEY_MS;
  const unused = keys.filter((key) => key.values === 0 && isOver(key)).map(({ id }) => id);
  if (unused.length === 0) return;
  ctx.keys.forget(unused);
  ctx.log.info({ keys: unused }, 'earlier keys are used by nothing any more and were forgotten');
}

async function stateOf(ctx: SecretsContext): Promise<RotationState> {
  const counts = new Map<string, number>();
  for await (const { spec } of storedValues(ctx)) counts.set(spec.keyId, (counts.get(spec.keyId) ?? 0) + 1);
  const { current, all } = ctx.keys;
  const keys = all.map((key) => ({ ...key, values: counts.get(key.id) ?? 0 }));
  const known = keys.reduce((sum, { values }) => sum + values, 0);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { currentKey: current.id, keys, pending: known - (counts.get(current.id) ?? 0), unreadable: total - known };
}

async function* storedValues(ctx: SecretsContext): AsyncGenerator<ObjectOf<typeof SecretValues>> {
  for await (const { items } of pagesOf((at) => ctx.resources.list(SecretValues, { org: '*', ...at }), PAGE)) yield* items;
}
