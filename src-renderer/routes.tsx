import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { isApiError } from './api/errors';
import { SignInPage } from './features/signIn/SignInPage';
import { AccountShell } from './shell/AccountShell';
import { AppShell } from './shell/AppShell';
import { NotFoundPage } from './shell/NotFoundPage';
import { RouteError } from './shell/RouteError';
import { parseSearch, stringifySearch, textSearch } from './shell/urlState';
import { infoQuery } from './shell/useInfo';
import { chooseOrg, rememberOrg } from './shell/useOrg';
import { SkeletonRows } from './ui/Skeleton';

/** Every address of the console. Pages are loaded when they are first opened, and ahead of it when a link to them is pointed at. */
export function createConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 300,
    defaultPendingComponent: () => <SkeletonRows rows={10} label="Loading the page" />,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context }) => {
    const { orgs } = await signedIn(context.queries, '/');
    const org = chooseOrg(orgs);
    if (org === undefined) redirect({ to: '/account/$section', params: { section: 'organizations' }, replace: true, throw: true });
    else redirect({ to: '/o/$org', params: { org }, replace: true, throw: true });
  },
});

const deviceSearch = textSearch('code');
const devicePage = createRoute({
  getParentRoute: () => root,
  path: '/device',
  validateSearch: deviceSearch,
  beforeLoad: ({ context, location }) => signedIn(context.queries, location.href).then(() => undefined),
  component: lazyRouteComponent(() => import('./features/signIn/DevicePage'), 'DevicePage'),
});

const docsSearch = textSearch('q', 'op');
const apiDocs = createRoute({
  getParentRoute: () => root,
  path: '/docs',
  validateSearch: docsSearch,
  beforeLoad: ({ context, location }) => signedIn(context.queries, location.href).then(() => undefined),
  component: lazyRouteComponent(() => import('./features/apiDocs/ApiDocsPage'), 'ApiDocsPage'),
});

const signInPage = createRoute({ getParentRoute: () => root, path: '/sign-in', validateSearch: textSearch('next', 'reason'), component: SignInPage });

const org = createRoute({
  getParentRoute: () => root,
  path: '/o/$org',
  component: AppShell,
  beforeLoad: async ({ context, params, location }) => {
    await signedIn(context.queries, location.href);
    rememberOrg(params.org);
  },
});

const home = createRoute({ getParentRoute: () => org, path: '/', component: lazyRouteComponent(() => import('./features/home/HomePage'), 'HomePage') });

const repositories = createRoute({
  getParentRoute: () => org,
  path: 'repositories',
  validateSearch: textSearch('q', 'sort', 'new', 'show'),
  component: lazyRouteComponent(() => import('./features/repositories/list/RepositoriesPage'), 'RepositoriesPage'),
});
const deletedRepositories = createRoute({ getParentRoute: () => org, path: 'deleted-repositories', component: lazyRouteComponent(() => import('./features/repositories/list/DeletedRepositoriesPage'), 'DeletedRepositoriesPage') });

const repository = createRoute({
  getParentRoute: () => org,
  path: 'repositories/$repo',
  component: lazyRouteComponent(() => import('./features/repositories/RepositoryLayout'), 'RepositoryLayout'),
});
const treePage = lazyRouteComponent(() => import('./features/repositories/tree/TreePage'), 'TreePage');
const commitsPage = lazyRouteComponent(() => import('./features/repositories/history/CommitsPage'), 'CommitsPage');
const repositoryCode = createRoute({ getParentRoute: () => repository, path: '/', component: lazyRouteComponent(() => import('./features/repositories/tree/CodePage'), 'CodePage') });
const repositoryRoot = createRoute({ getParentRoute: () => repository, path: 'tree/$ref', component: treePage });
const repositoryTree = createRoute({ getParentRoute: () => repository, path: 'tree/$ref/$', component: treePage });
const repositoryBlob = createRoute({
  getParentRoute: () => repository,
  path: 'blob/$ref/$',
  validateSearch: textSearch('view', 'revs'),
  component: lazyRouteComponent(() => import('./features/repositories/blob/BlobPage'), 'BlobPage'),
});
const repositoryCommits = createRoute({ getParentRoute: () => repository, path: 'commits/$ref', component: commitsPage });
const repositoryHistory = createRoute({ getParentRoute: () => repository, path: 'commits/$ref/$', component: commitsPage });
const repositoryCommit = createRoute({
  getParentRoute: () => repository,
  path: 'commit/$sha',
  validateSearch: textSearch('mode', 'file', 'w'),
  component: lazyRouteComponent(() => import('./features/repositories/history/CommitPage'), 'CommitPage'),
});
const repositoryBranches = createRoute({
  getParentRoute: () => repository,
  path: 'branches',
  validateSearch: textSearch('q', 'show', 'sort'),
  component: lazyRouteComponent(() => import('./features/repositories/refs/BranchesPage'), 'BranchesPage'),
});
const repositoryTags = createRoute({
  getParentRoute: () => repository,
  path: 'tags',
  validateSearch: textSearch('q'),
  component: lazyRouteComponent(() => import('./features/repositories/refs/TagsPage'), 'TagsPage'),
});
const repositorySearch = createRoute({
  getParentRoute: () => repository,
  path: 'search',
  validateSearch: textSearch('q', 'ref', 'path', 'regex', 'case'),
  component: lazyRouteComponent(() => import('./features/repositories/tree/CodeSearchPage'), 'CodeSearchPage'),
});
const repositoryCompare = createRoute({
  getParentRoute: () => repository,
  path: 'compare/$spec',
  validateSearch: textSearch('mode', 'file', 'w'),
  component: lazyRouteComponent(() => import('./features/repositories/history/ComparePage'), 'ComparePage'),
});
const repositoryEdit = createRoute({ getParentRoute: () => repository, path: 'edit/$ref/$', component: lazyRouteComponent(() => import('./features/repositories/edit/EditFilePage'), 'EditFilePage') });
const repositoryNewFile = createRoute({ getParentRoute: () => repository, path: 'new/$ref/$', component: lazyRouteComponent(() => import('./features/repositories/edit/EditFilePage'), 'NewFilePage') });
const repositoryUpload = createRoute({ getParentRoute: () => repository, path: 'upload/$ref/$', component: lazyRouteComponent(() => import('./features/repositories/edit/UploadFilesPage'), 'UploadFilesPage') });
const repositoryReleases = createRoute({
  getParentRoute: () => repository,
  path: 'releases',
  validateSearch: textSearch('q'),
  component: lazyRouteComponent(() => import('./features/releases/ReleasesPage'), 'ReleasesPage'),
});
const repositoryNewRelease = createRoute({ getParentRoute: () => repository, path: 'releases/new', component: lazyRouteComponent(() => import('./features/releases/EditReleasePage'), 'NewReleasePage') });
const repositoryRelease = createRoute({ getParentRoute: () => repository, path: 'releases/$release', component: lazyRouteComponent(() => import('./features/releases/ReleasePage'), 'ReleasePage') });
const repositoryEditRelease = createRoute({ getParentRoute: () => repository, path: 'releases/$release/edit', component: lazyRouteComponent(() => import('./features/releases/EditReleasePage'), 'EditReleasePage') });
const repositoryHooks = createRoute({ getParentRoute: () => repository, path: 'hooks', component: lazyRouteComponent(() => import('./features/rules/HooksPage'), 'HooksPage') });
const repositorySettings = createRoute({
  getParentRoute: () => repository,
  path: 'settings',
  component: lazyRouteComponent(() => import('./features/repositories/settings/RepositorySettingsPage'), 'RepositorySettingsPage'),
});
const repositoryPulls = createRoute({
  getParentRoute: () => repository,
  path: 'pulls',
  validateSearch: textSearch('q', 'state', 'sort', 'author', 'reviewer', 'label', 'draft'),
  component: lazyRouteComponent(() => import('./features/pulls/list/PullListPage'), 'PullListPage'),
});
const repositoryNewPull = createRoute({
  getParentRoute: () => repository,
  path: 'pulls/new',
  validateSearch: textSearch('head', 'base', 'mode', 'file'),
  component: lazyRouteComponent(() => import('./features/pulls/opening/NewPullPage'), 'NewPullPage'),
});
const repositoryPages = repository.addChildren([
  repositoryCode, repositoryRoot, repositoryTree, repositoryBlob, repositoryCommits, repositoryHistory, repositoryCommit, repositoryBranches, repositoryTags,
  repositorySearch, repositoryCompare, repositoryEdit, repositoryNewFile, repositoryUpload, repositoryReleases, repositoryNewRelease, repositoryRelease, repositoryEditRelease, repositoryHooks, repositorySettings, repositoryPulls, repositoryNewPull,
]);

const pulls = createRoute({
  getParentRoute: () => org,
  path: 'pulls',
  validateSearch: textSearch('q', 'state', 'repository', 'sort', 'author', 'reviewer', 'label', 'draft'),
  component: lazyRouteComponent(() => import('./features/pulls/list/PullListPage'), 'PullListPage'),
});
const pullPage = lazyRouteComponent(() => import('./features/pulls/PullPage'), 'PullPage');
const pull = createRoute({ getParentRoute: () => org, path: 'pulls/$pr', validateSearch: textSearch('commit', 'since', 'w'), component: pullPage });
const pullTab = createRoute({ getParentRoute: () => org, path: 'pulls/$pr/$tab', validateSearch: textSearch('commit', 'since', 'w', 'file'), component: pullPage });

const agents = createRoute({ getParentRoute: () => org, path: 'agents', validateSearch: textSearch('q'), component: lazyRouteComponent(() => import('./features/agents/AgentsPage'), 'AgentsPage') });
const newAgent = createRoute({
  getParentRoute: () => org,
  path: 'agents/new',
  validateSearch: textSearch('preset'),
  component: lazyRouteComponent(() => import('./features/agents/NewAgentPage'), 'NewAgentPage'),
});
const agent = createRoute({ getParentRoute: () => org, path: 'agents/$agent', component: lazyRouteComponent(() => import('./features/agents/AgentPage'), 'AgentPage') });

const runs = createRoute({
  getParentRoute: () => org,
  path: 'runs',
  validateSearch: textSearch('q', 'phase', 'repository', 'stack', 'sort'),
  component: lazyRouteComponent(() => import('./features/runs/RunsPage'), 'RunsPage'),
});
const runPage = lazyRouteComponent(() => import('./features/runs/RunPage'), 'RunPage');
const runSearch = textSearch('mode', 'file', 'q', 'at');
const run = createRoute({ getParentRoute: () => org, path: 'runs/$run', validateSearch: runSearch, component: runPage });
const runTab = createRoute({ getParentRoute: () => org, path: 'runs/$run/$tab', validateSearch: runSearch, component: runPage });

const approvals = createRoute({
  getParentRoute: () => org,
  path: 'approvals',
  validateSearch: textSearch('phase', 'q', 'approval'),
  component: lazyRouteComponent(() => import('./features/approvals/ApprovalsPage'), 'ApprovalsPage'),
});

const resources = createRoute({
  getParentRoute: () => org,
  path: 'resources',
  validateSearch: textSearch('context', 'q'),
  component: lazyRouteComponent(() => import('./resource/KindIndexPage'), 'KindIndexPage'),
});
const resourceList = createRoute({
  getParentRoute: () => org,
  path: 'resources/$plural',
  validateSearch: textSearch('q', 'sort', 'labels', 'fields'),
  component: lazyRouteComponent(() => import('./resource/ResourceListPage'), 'ResourceListPage'),
});
const resourceCreate = createRoute({
  getParentRoute: () => org,
  path: 'resources/$plural/new',
  validateSearch: textSearch('tab'),
  component: lazyRouteComponent(() => import('./resource/ResourceCreatePage'), 'ResourceCreatePage'),
});
const resourceDetail = createRoute({
  getParentRoute: () => org,
  path: 'resources/$plural/$name',
  validateSearch: textSearch('tab'),
  component: lazyRouteComponent(() => import('./resource/ResourcePage'), 'ResourcePage'),
});

const secretsPage = lazyRouteComponent(() => import('./features/secrets/SecretsPage'), 'SecretsPage');
const secrets = createRoute({ getParentRoute: () => org, path: 'secrets', validateSearch: textSearch('new', 'name'), component: secretsPage });
const secretsSection = createRoute({ getParentRoute: () => org, path: 'secrets/$section', validateSearch: textSearch('new', 'name'), component: secretsPage });
const audit = createRoute({
  getParentRoute: () => org,
  path: 'audit',
  validateSearch: textSearch('actor', 'target', 'outcome', 'days', 'live', 'record'),
  component: lazyRouteComponent(() => import('./features/audit/AuditPage'), 'AuditPage'),
});
const notifications = createRoute({
  getParentRoute: () => org,
  path: 'notifications',
  validateSearch: textSearch('type', 'unread'),
  component: lazyRouteComponent(() => import('./features/notifications/NotificationsPage'), 'NotificationsPage'),
});
const notificationPreferences = createRoute({
  getParentRoute: () => org,
  path: 'notifications/preferences',
  component: lazyRouteComponent(() => import('./features/notifications/NotificationPreferencesPage'), 'NotificationPreferencesPage'),
});

const connect = createRoute({
  getParentRoute: () => org,
  path: 'connect',
  validateSearch: textSearch('client', 'over'),
  component: lazyRouteComponent(() => import('./features/connect/ConnectPage'), 'ConnectPage'),
});

const settingsPage = lazyRouteComponent(() => import('./features/settings/SettingsPage'), 'SettingsPage');
const settings = createRoute({ getParentRoute: () => org, path: 'settings', component: settingsPage });
const settingsSection = createRoute({ getParentRoute: () => org, path: 'settings/$section', component: settingsPage });

const peoplePage = lazyRouteComponent(() => import('./features/people/PeoplePage'), 'PeoplePage');
const peopleSearch = textSearch('q', 'role', 'state', 'sort', 'new', 'invite');
const people = createRoute({ getParentRoute: () => org, path: 'people', validateSearch: peopleSearch, component: peoplePage });
const peopleSection = createRoute({ getParentRoute: () => org, path: 'people/$section', validateSearch: peopleSearch, component: peoplePage });
const member = createRoute({ getParentRoute: () => org, path: 'people/members/$user', component: lazyRouteComponent(() => import('./features/people/members/MemberPage'), 'MemberPage') });
const team = createRoute({ getParentRoute: () => org, path: 'people/teams/$team', component: lazyRouteComponent(() => import('./features/people/teams/TeamPage'), 'TeamPage') });
const serviceAccount = createRoute({
  getParentRoute: () => org,
  path: 'people/service-accounts/$account',
  component: lazyRouteComponent(() => import('./features/people/serviceAccounts/ServiceAccountPage'), 'ServiceAccountPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: AccountShell,
  beforeLoad: ({ context, location }) => signedIn(context.queries, location.href).then(() => undefined),
});
const accountPage = lazyRouteComponent(() => import('./features/account/AccountPage'), 'AccountPage');
const accountSearch = textSearch('new');
const accountStart = createRoute({ getParentRoute: () => account, path: '/', validateSearch: accountSearch, component: accountPage });
const accountSection = createRoute({ getParentRoute: () => account, path: '$section', validateSearch: accountSearch, component: accountPage });

const invitation = createRoute({ getParentRoute: () => root, path: '/invites/$code', component: lazyRouteComponent(() => import('./features/account/InvitationPage'), 'InvitationPage') });
const deletion = createRoute({
  getParentRoute: () => root,
  path: '/deletions/$org',
  component: lazyRouteComponent(() => import('./features/organizations/DeletionPage'), 'DeletionPage'),
  beforeLoad: ({ context, location }) => signedIn(context.queries, location.href).then(() => undefined),
});

const routeTree = root.addChildren([
  index,
  signInPage,
  devicePage,
  apiDocs,
  invitation,
  deletion,
  account.addChildren([accountStart, accountSection]),
  org.addChildren([
    home, repositories, deletedRepositories, repositoryPages, pulls, pull, pullTab, agents, newAgent, agent, runs, run, runTab, approvals,
    resources, resourceList, resourceCreate, resourceDetail, secrets, secretsSection, audit, notifications, notificationPreferences, connect, settings, settingsSection,
    people, peopleSection, member, team, serviceAccount,
  ]),
]);

/** What the server knows of me; a browser without a session is sent to sign in, and comes back. */
async function signedIn(queries: QueryClient, next: string) {
  try {
    return await queries.ensureQueryData(infoQuery);
  } catch (error) {
    if (isApiError(error, 'Unauthorized')) redirect({ to: '/sign-in', search: next === '/' ? {} : { next }, throw: true });
    throw error;
  }
}
