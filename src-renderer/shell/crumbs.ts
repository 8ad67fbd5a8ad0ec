export interface Crumb {
  readonly label: string;
  readonly href: string;
}

/**
 * The way to a page, from its path. Pages below a file or a commit keep to the repository; the page itself shows the rest.
 * `titleOf` says what people call a kind.
 */
export function crumbsOf(pathname: string, titleOf: (plural: string) => string | undefined = () => undefined): Crumb[] {
  const segments = pathname.split('/').filter((segment) => segment !== '').map(decode);
  const [o, org, section, ...rest] = segments;
  if (o === 'account') return [{ label: 'Account', href: '/account' }, ...(org === undefined ? [] : [{ label: ACCOUNT_PAGES[org] ?? capital(org), href: `/account/${org}` }])];
  if (o !== 'o' || org === undefined) return [];
  const base = `/o/${encodeURIComponent(org)}`;
  if (section === undefined) return [{ label: 'Home', href: base }];
  const title = SECTIONS[section] ?? section;
  const crumbs: Crumb[] = [{ label: title, href: `${base}/${section}` }];
  if (section === 'settings') return rest[0] === undefined ? crumbs : [...crumbs, { label: (SETTINGS_PAGES[rest[0]] ?? capital(rest[0])), href: `${base}/settings/${rest[0]}` }];
  const pages = SECTION_PAGES[section];
  if (pages !== undefined && rest[0] !== undefined) return [...crumbs, { label: pages[rest[0]] ?? rest[0], href: `${base}/${section}/${encodeURIComponent(rest[0])}` }];
  if (section === 'people') return [...crumbs, ...rest.slice(0, 2).map((segment, index) => ({ label: index === 0 ? (PEOPLE_PAGES[segment] ?? segment) : segment, href: `${base}/people/${rest.slice(0, index + 1).map(encodeURIComponent).join('/')}` }))];
  let href = `${base}/${section}`;
  for (const [index, segment] of rest.slice(0, section === 'resources' || section === 'repositories' ? 2 : 1).entries()) {
    href += `/${encodeURIComponent(segment)}`;
    const page = section === 'repositories' && index === 1 ? REPOSITORY_PAGES[segment] : segment === 'new' ? 'New' : section === 'resources' && index === 0 ? (titleOf(segment) ?? segment) : segment;
    if (page !== undefined) crumbs.push({ label: page, href });
  }
  return crumbs;
}

const SECTIONS: Readonly<Record<string, string>> = {
  repositories: 'Repositories', 'deleted-repositories': 'Recently deleted', pulls: 'Pull requests', runs: 'Runs', agents: 'Agents', approvals: 'Approvals', resources: 'Resources', people: 'People', secrets: 'Secrets', audit: 'Audit log', notifications: 'Notifications', connect: 'Connect', settings: 'Settings',
};

const REPOSITORY_PAGES: Readonly<Record<string, string>> = { pulls: 'Pull requests', branches: 'Branches', tags: 'Tags', settings: 'Settings', compare: 'Compare' };

const SETTINGS_PAGES: Readonly<Record<string, string>> = { 'sign-in': 'Sign-in' };

const SECTION_PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = { secrets: { 'config-maps': 'Configuration', grants: 'Grants' }, notifications: { preferences: 'Preferences' } };

const PEOPLE_PAGES: Readonly<Record<string, string>> = { members: 'Members', invitations: 'Invitations', teams: 'Teams', 'service-accounts': 'Service accounts', roles: 'Roles' };

const ACCOUNT_PAGES: Readonly<Record<string, string>> = { security: 'Password and sign-in', tokens: 'Access tokens' };

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
