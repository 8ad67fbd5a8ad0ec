import { isStatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import type { NewNotification } from './notifications';
import type { Happening } from './recipients';

const MAX_TITLE = 120;

/** What is to be told of an object as it is now. */
export interface News {
  readonly notification: Omit<NewNotification, 'org' | 'object'>;
  readonly owners: Happening['owners'];
  /** What one must be allowed to do to it in order to be told; `get` unless said. */
  readonly verb?: string;
  /** RFC 3339. */
  readonly at: string | undefined;
}

/** An object may be gone with its whole organization. */
export async function orGone<T>(found: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

export function idOf(type: string, { uid }: KradleObject['metadata'], what = ''): string {
  return `${type}/${uid}${what === '' ? '' : `/${what}`}`;
}

export function titleOf(text: string | undefined, fallback: string): string {
  const line = text?.trim().split('\n', 1)[0] ?? '';
  const title = line === '' ? fallback : line;
  return title.length > MAX_TITLE ? `${title.slice(0, MAX_TITLE - 1)}…` : title;
}

export function bodyOf(text: string | undefined): { body?: string } {
  return text === undefined || text === '' ? {} : { body: text.slice(0, 500) };
}
