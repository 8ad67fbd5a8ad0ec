import type { InputOf } from '../../api/rpc';

export type AuditFilterInput = Pick<InputOf<'audit.query'>, 'actor' | 'kind' | 'name' | 'outcome' | 'since'>;

const DAY_MS = 24 * 3_600_000;

/** What the address asks for. `target` is a kind, or a kind and a name with a slash between. */
export function readFilter(given: { actor?: string | undefined; target?: string | undefined; outcome?: string | undefined; days?: string | undefined }): AuditFilterInput {
  const [kind = '', name = ''] = (given.target ?? '').trim().split('/', 2);
  const actor = given.actor?.trim() ?? '';
  const days = Number(given.days);
  return {
    ...(actor === '' ? {} : { actor }),
    ...(kind === '' ? {} : { kind }),
    ...(name === '' ? {} : { name }),
    ...(given.outcome === 'allowed' || given.outcome === 'denied' ? { outcome: given.outcome } : {}),
    // To the hour, so that the same question is the same for a while.
    ...(days > 0 ? { since: new Date(Math.floor((Date.now() - days * DAY_MS) / 3_600_000) * 3_600_000).toISOString() } : {}),
  };
}
