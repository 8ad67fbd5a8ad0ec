import { useParams } from '@tanstack/react-router';

/** The organization of the page, from its address. */
export function useOrg(): string {
  const { org } = useParams({ strict: false });
  return org ?? 'default';
}
