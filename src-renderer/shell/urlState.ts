import { useNavigate, useSearch } from '@tanstack/react-router';

/** Search parameters of a page: texts, absent when empty. */
export type TextSearch<TKey extends string> = { [K in TKey]?: string };

/** `validateSearch` of a route whose parameters are texts. What it does not know it drops. */
export function textSearch<const TKey extends string>(...keys: readonly TKey[]) {
  return (raw: Record<string, unknown>): TextSearch<TKey> => {
    const search: TextSearch<TKey> = {};
    for (const key of keys) {
      const value = raw[key];
      if (typeof value === 'string' && value !== '') search[key] = value;
    }
    return search;
  };
}

/** `?q=a%20b&sort=-name` as an object of texts; of a parameter that comes twice, the last. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The inverse of {@link parseSearch}; leaves out what is empty. */
export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'boolean') parameters.set(key, String(value));
  }
  const text = parameters.toString().replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/**
 * One parameter of the address as state. Setting the empty text or undefined removes it. `replace` leaves no step in the history: for
 * what changes with every key.
 */
export function useUrlState(key: string, opts: { replace?: boolean } = {}): [string | undefined, (value: string | undefined) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const value = search[key];
  return [
    typeof value === 'string' ? value : undefined,
    (next) => {
      void navigate({
        to: '.',
        replace: opts.replace ?? false,
        search: (previous: Record<string, unknown>) => ({ ...previous, [key]: next === '' ? undefined : next }),
        hash: true,
      } as Parameters<typeof navigate>[0]);
    },
  ];
}
