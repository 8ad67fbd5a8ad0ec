import { useParams } from '@tanstack/react-router';
import { useInfo } from './useInfo';

/** The organization of the page, from its address; on a page of no organization, the one that was open last. */
export function useOrg(): string {
  const { org } = useParams({ strict: false });
  const orgs = useInfo()?.orgs;
  return org ?? chooseOrg(orgs) ?? 'default';
}

/** The organization that was open last, if it is still one's own; else the first. */
export function chooseOrg(orgs: readonly { name: string }[] | undefined): string | undefined {
  const last = localStorage.getItem(ORG_KEY);
  return orgs?.find((each) => each.name === last)?.name ?? orgs?.[0]?.name;
}

export function rememberOrg(org: string): void {
  localStorage.setItem(ORG_KEY, org);
}

const ORG_KEY = 'kradle.org';
