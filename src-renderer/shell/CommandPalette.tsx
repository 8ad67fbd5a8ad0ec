import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { CornerDownLeft, FileCode2, History, Keyboard, MonitorCog, Moon, Plus, Sparkles, Sun, Zap } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { inSentence } from '#shared/kind/kindWords';
import { fetchRpc, type OutputOf } from '../api/rpc';
import { Kbd } from '../ui/Kbd';
import { Spinner } from '../ui/Spinner';
import { setTheme } from '../ui/theme';
import { crumbsOf } from './crumbs';
import { objectHref } from './objectHref';
import { useOfferedVerbs } from './pageVerbs';
import { useRecentPages } from './recentPages';
import { useDispatchDialog } from './useDispatchDialog';
import { useInfo } from './useInfo';
import { oneOf, useKinds } from './useKinds';
import { useOrg } from './useOrg';

/** Every page, every object and every verb, by typing. */
export function CommandPalette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const kinds = useKinds();
  const info = useInfo();
  const dispatch = useDispatchDialog();
  const verbs = useOfferedVerbs();
  const [text, setText] = useState('');
  const typed = text.trim();
  const found = useObjectSearch(org, useDeferredValue(typed));
  const recent = useRecentPages(org, typed === '' ? RECENT_SHOWN : RECENT_SEARCHED);
  const base = `/o/${encodeURIComponent(org)}`;
  const act = (run: () => void) => () => {
    onClose();
    run();
  };
  const go = (href: string) => act(() => void navigate({ href }));
  return (
    <Radix.Root open onOpenChange={onClose}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content aria-describedby={undefined} className="fixed top-[10vh] left-1/2 z-40 w-[calc(100vw-24px)] max-w-2xl -translate-x-1/2 animate-rise overflow-hidden rounded-lg border bg-raised shadow-high">
          <Radix.Title className="sr-only">Search and commands</Radix.Title>
          <Command label="Search and commands" loop filter={matchCommand}>
            <div className="flex items-center gap-2 border-b pr-3">
              <Command.Input autoFocus value={text} onValueChange={setText} placeholder="Search everything, or type a command…" className="h-12 flex-1 bg-transparent px-4 text-base focus-visible:outline-none" />
              {found.isFetching && <Spinner className="text-subtle" />}
              <Kbd>Esc</Kbd>
            </div>
            <Command.List className="max-h-[min(26rem,60vh)] overflow-auto p-2">
              <Command.Empty className="px-2 py-6 text-center text-muted">{found.isFetching ? 'Looking…' : 'Nothing is called that.'}</Command.Empty>
              {verbs.length > 0 && (
                <Group heading="On this page">
                  {verbs.map((verb) => <Item key={verb.label} icon={<Zap />} keywords={verb.keywords} keys={verb.keys} onSelect={act(verb.run)}>{verb.label}</Item>)}
                </Group>
              )}
              {typed.length >= MIN_TEXT && found.data?.map(({ title, plural, items, more }) => (
                <Group key={plural} heading={title}>
                  {items.map((item) => (
                    <Item key={item.name} value={`${FOUND}${plural}/${item.name}`} icon={<FileCode2 />} hint={item.label === undefined ? undefined : item.name} onSelect={go(objectHref(org, plural, item.name))}>{item.label ?? item.name}</Item>
                  ))}
                  {more && <Item value={`${FOUND}${plural}`} icon={<CornerDownLeft />} onSelect={go(`${base}/resources/${plural}?q=${encodeURIComponent(typed)}`)}>{`All ${inSentence(title)} with “${typed}”`}</Item>}
                </Group>
              ))}
              {recent.length > 0 && (
                <Group heading="Recent">
                  {recent.map((href) => {
                    const steps = crumbsOf(href, (plural) => kinds?.find(plural)?.title).map(({ label }) => label);
                    return <Item key={href} value={`recent ${href}`} icon={<History />} keywords={steps} hint={steps.at(-2)} onSelect={go(href)}>{steps.at(-1) ?? href}</Item>;
                  })}
                </Group>
              )}
              <Group heading="Go to">
                {PAGES.map((page) => <Item key={page.path} icon={<CornerDownLeft />} keys={page.keys} keywords={page.keywords} onSelect={go(page.path.startsWith('/account') ? page.path : base + page.path)}>{page.title}</Item>)}
                {typed !== '' && kinds?.all.map((kind) => (
                  <Item key={kind.plural} icon={<CornerDownLeft />} value={`all ${kind.plural}`} keywords={[kind.kind, ...(kind.shortNames ?? [])]} hint={kind.kind} onSelect={go(`${base}/resources/${kind.plural}`)}>{`All ${inSentence(kind.title)}`}</Item>
                ))}
              </Group>
              <Group heading="Do">
                <Item icon={<Sparkles />} keys="c" keywords={['run', 'task', 'agent', 'start']} onSelect={act(() => dispatch.open())}>Dispatch an agent</Item>
                <Item icon={<Plus />} keywords={['create', 'git']} onSelect={go(`${base}/repositories?new=empty`)}>New repository</Item>
                <Item icon={<Plus />} keywords={['clone', 'github', 'folder']} onSelect={go(`${base}/repositories?new=import`)}>Import a repository</Item>
                <Item icon={<Plus />} keywords={['create', 'acp', 'stack']} onSelect={go(`${base}/agents/new`)}>New agent</Item>
                {typed !== '' && kinds?.all.filter((kind) => kind.authored).map((kind) => (
                  <Item key={kind.plural} value={`create ${kind.plural}`} icon={<Plus />} keywords={[kind.kind, 'new']} hint={kind.kind} onSelect={go(`${base}/resources/${kind.plural}/new`)}>{`Create ${oneOf(kind)}`}</Item>
                ))}
              </Group>
              <Group heading="Window">
                <Item icon={<Sun />} keywords={['theme', 'appearance']} onSelect={act(() => setTheme('light'))}>Light theme</Item>
                <Item icon={<Moon />} keywords={['theme', 'appearance']} onSelect={act(() => setTheme('dark'))}>Dark theme</Item>
                <Item icon={<MonitorCog />} keywords={['theme', 'appearance']} onSelect={act(() => setTheme('system'))}>Theme of the system</Item>
                <Item icon={<Keyboard />} keys="?" onSelect={act(onShortcuts)}>Keys on this page</Item>
                {info?.orgs.filter((each) => each.name !== org).map((each) => (
                  <Item key={each.name} icon={<CornerDownLeft />} value={`organization ${each.name}`} onSelect={go(`/o/${encodeURIComponent(each.name)}`)}>{`Switch to ${each.displayName}`}</Item>
                ))}
              </Group>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Every word that was typed begins a word of the command. What the server found stays. */
function matchCommand(value: string, search: string, keywords: string[] = []): number {
  if (value.startsWith(FOUND)) return 1;
  const words = [value, ...keywords].join(' ').toLowerCase().split(/[^a-z0-9]+/);
  const wanted = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (!wanted.every((each) => words.some((word) => word.startsWith(each)))) return 0;
  return value.toLowerCase().startsWith(search.toLowerCase()) ? 0.9 : 0.5;
}

/** Marks the values of what the server found. */
const FOUND = 'object:';

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return <Command.Group heading={heading} className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-subtle">{children}</Command.Group>;
}

interface ItemProps {
  icon: ReactNode;
  onSelect: () => void;
  children: string;
  value?: string;
  keywords?: readonly string[] | undefined;
  keys?: string | undefined;
  hint?: string | undefined;
}

function Item({ icon, onSelect, children, value, keywords, keys, hint }: ItemProps) {
  return (
    <Command.Item value={value ?? children} keywords={[children, ...(keywords ?? [])]} onSelect={onSelect} className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-selected [&_svg]:size-3.5 [&_svg]:shrink-0 [&_svg]:text-subtle">
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint !== undefined && <span className="max-w-40 truncate font-mono text-2xs text-subtle">{hint}</span>}
      {keys !== undefined && <Kbd>{keys}</Kbd>}
    </Command.Item>
  );
}

const PAGES: readonly { title: string; path: string; keys?: string; keywords?: readonly string[] }[] = [
  { title: 'Home', path: '', keys: 'g h' },
  { title: 'Approvals', path: '/approvals', keys: 'g i', keywords: ['inbox', 'questions'] },
  { title: 'Repositories', path: '/repositories', keys: 'g r', keywords: ['code'] },
  { title: 'Pull requests', path: '/pulls', keys: 'g p', keywords: ['reviews', 'changes'] },
  { title: 'Runs', path: '/runs', keys: 'g u', keywords: ['work', 'jobs'] },
  { title: 'Agents', path: '/agents', keys: 'g a', keywords: ['stacks'] },
  { title: 'Resources', path: '/resources', keys: 'g k', keywords: ['kinds', 'all'] },
  { title: 'People', path: '/people', keys: 'g m', keywords: ['members', 'users'] },
  { title: 'Teams', path: '/people/teams', keywords: ['groups'] },
  { title: 'Invitations', path: '/people/invitations', keywords: ['invite'] },
  { title: 'Service accounts', path: '/people/service-accounts', keywords: ['bots', 'robots'] },
  { title: 'Roles and permissions', path: '/people/roles', keywords: ['who', 'may', 'access', 'rbac'] },
  { title: 'Secrets', path: '/secrets', keys: 'g e', keywords: ['credentials', 'keys', 'tokens', 'passwords'] },
  { title: 'Configuration', path: '/secrets/config-maps', keywords: ['configmaps', 'environment', 'variables'] },
  { title: 'Grants', path: '/secrets/grants', keywords: ['secrets', 'who', 'may', 'use'] },
  { title: 'Audit log', path: '/audit', keys: 'g l', keywords: ['history', 'records', 'who', 'did', 'what'] },
  { title: 'Notifications', path: '/notifications', keywords: ['bell', 'unread'] },
  { title: 'Notification preferences', path: '/notifications/preferences', keywords: ['desktop', 'sound', 'webhook'] },
  { title: 'Connect', path: '/connect', keys: 'g c', keywords: ['cli', 'command', 'line', 'git', 'clone', 'kubectl', 'mcp', 'rest', 'api', 'docs', 'editor', 'claude', 'cursor'] },
  { title: 'Settings', path: '/settings', keys: 'g s', keywords: ['organization'] },
  { title: 'Ways to sign in', path: '/settings/sign-in', keywords: ['oidc', 'sso', 'github', 'providers'] },
  { title: 'Account', path: '/account', keywords: ['profile', 'me'] },
  { title: 'Password and sign-in', path: '/account/security', keywords: ['identities'] },
  { title: 'Sessions', path: '/account/sessions', keywords: ['browsers', 'devices'] },
  { title: 'Access tokens', path: '/account/tokens', keywords: ['pat', 'api', 'key'] },
  { title: 'Your organizations', path: '/account/organizations', keywords: ['memberships'] },
  { title: 'Appearance', path: '/account/appearance', keywords: ['theme', 'dark', 'light'] },
  { title: 'About this server', path: '/settings/server', keywords: ['version', 'data folder', 'api'] },
];

const MIN_TEXT = 2;
const RECENT_SHOWN = 6;
/** Looked through when something is typed. */
const RECENT_SEARCHED = 30;

/** Objects of any kind whose name or text has this in it. */
function useObjectSearch(org: string, text: string) {
  return useQuery({
    queryKey: ['resources.search', { org, q: text }],
    enabled: text.length >= MIN_TEXT,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<OutputOf<'resources.search'>['items']> => (await fetchRpc('resources.search', { org, q: text.slice(0, MAX_TEXT) }, signal)).items,
  });
}

/** What the server looks for at most. */
const MAX_TEXT = 200;
