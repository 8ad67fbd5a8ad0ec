import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AcceptedInvite, IssuedInvite } from '../../shared/api/people';
import { eventually } from '../harness/eventually';
import { invitationLink, startMailServer, type MailServer } from '../harness/mailServer';
import { newPerson, PASSWORD, signInByPassword, type Person } from '../harness/person';
import { startServer, type TestServer } from '../harness/startServer';
import { TestBrowser } from '../harness/testBrowser';

const GROUP = '/apis/kradle.a5c.ai/v1alpha1';
const codeOf = ({ link }: { link: string }): string => link.split('/').at(-1) ?? '';
const codeIn = async (response: Response): Promise<[number, string]> => [response.status, ((await response.json()) as { error?: { code: string }; reason?: string }).error?.code ?? ''];

let server: TestServer;
let mail: MailServer;
/** Owner of acme. */
let olga: Person;
/** Administrator of acme, and no owner. */
let ada: Person;
/** Of acme, and no administrator. */
let dave: Person;

beforeAll(async () => {
  mail = await startMailServer();
  server = await startServer({ env: { KRADLE_SMTP_URL: mail.url, KRADLE_MAIL_FROM: 'Kradle <kradle@example.com>' } });
  await server.api('POST', '/api/orgs', { slug: 'acme', displayName: 'Acme' });
  await server.api('POST', '/api/orgs', { slug: 'other', displayName: 'Other' });
  olga = await newPerson(server, 'olga', { org: 'acme', role: 'owner' });
  ada = await newPerson(server, 'ada', { org: 'acme', role: 'admin' });
  dave = await newPerson(server, 'dave', { org: 'acme', role: 'developer' });
  await newPerson(server, 'victim', { org: 'other' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

/** `GET /api/orgs`, as somebody or as nobody. */
function ask(who: Person | undefined, request: string, json?: unknown): Promise<Response> {
  const [method = '', path = ''] = request.split(' ');
  return (who?.browser ?? new TestBrowser()).request(server.url + path, { method, ...(json === undefined ? {} : { json }) });
}
async function answer<T>(response: Response): Promise<T> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return body as T;
}
const invite = async (who: Person, email: string, more: object = {}) => {
  const { invites } = await answer<{ invites: IssuedInvite[] }>(await ask(who, 'POST /api/orgs/acme/invites', { emails: [email], ...more }));
  const [issued] = invites;
  if (issued === undefined) throw new Error('nobody was invited');
  return issued;
};
const mergePatch = (who: Person, path: string, spec: object) =>
  who.browser.request(`${server.url}${GROUP}/namespaces/${path}`, { method: 'PATCH', json: { spec }, headers: { 'Content-Type': 'application/merge-patch+json' } });
const userOf = (name: string, org = 'acme') => server.api<{ spec: Record<string, unknown>; status?: Record<string, unknown> }>('GET', `/api/orgs/${org}/resources/users/${name}`);

describe('inviting', () => {
  it('mails each a link of their own, tells it once to who invites, and makes a member who signs in', async () => {
    const { invites, refused } = await answer<{ invites: IssuedInvite[]; refused: { email: string; code: string }[] }>(
      await ask(ada, 'POST /api/orgs/acme/invites', { emails: ['grace@example.com', 'Alan@example.com', 'alan@example.com', 'dave@example.com'], role: 'reviewer', message: 'Hello <b>there</b>', days: 3 }),
    );
    expect(invites.map(({ email, role, mail: by }) => [email, role, by])).toEqual([['grace@example.com', 'reviewer', 'sending'], ['alan@example.com', 'reviewer', 'sending']]);
    expect(refused).toMatchObject([{ email: 'dave@example.com', code: 'ALREADY_MEMBER' }]);
    const message = await eventually('the mail', () => mail.received.find(({ to }) => to.includes('grace@example.com')));
    expect(message.text).toContain('> Hello <b>there</b>');
    expect(message.raw).toContain('&lt;b&gt;there');
    const link = invitationLink(message);
    expect(link.startsWith(`${server.url}/invites/`)).toBe(true);

    const stranger = new TestBrowser();
    const view = await stranger.request(`${server.url}/api/invites/${codeOf({ link })}`);
    expect(await answer(view)).toEqual({ organization: { slug: 'acme', displayName: 'Acme' }, inviter: 'ada', role: 'reviewer', email: 'grace@example.com' });
    const accepted = await stranger.request(`${server.url}/api/invites/${codeOf({ link })}`, { json: { account: { username: 'grace', displayName: 'Grace', password: PASSWORD } } });
    expect(await answer<AcceptedInvite>(accepted)).toEqual({ org: 'acme', user: 'grace' });
    await signInByPassword(server, stranger, 'grace');
    expect((await answer<{ orgs: { name: string }[] }>(await stranger.request(`${server.url}/api/info`))).orgs.map(({ name }) => name)).toEqual(['acme']);
    const { items } = await server.api<{ items: { spec: { email: string }; status: object }[] }>('GET', '/api/orgs/acme/resources?kind=invites');
    expect(items.find(({ spec }) => spec.email === 'grace@example.com')?.status).toMatchObject({ phase: 'Accepted', acceptedBy: 'grace', mail: { state: 'Sent' } });
    expect(JSON.stringify(items)).not.toContain(codeOf({ link }));
    const audit = JSON.stringify(await server.api('GET', '/api/orgs/acme/audit?limit=100'));
    expect(audit).toMatch(/"accept"/);
    expect(audit).toMatch(/"grace"/);
    expect(audit).not.toContain(codeOf({ link }));
    expect(server.log()).not.toContain(codeOf({ link }));
  });

  it('is for administrators, and nobody invites to more than they are', async () => {
    expect((await ask(dave, 'POST /api/orgs/acme/invites', { emails: ['x@example.com'] })).status).toBe(403);
    expect((await ask(ada, 'POST /api/orgs/acme/invites', { emails: ['x@example.com'], role: 'owner' })).status).toBe(403);
    const issued = await invite(olga, 'heir@example.com', { role: 'owner' });
    // Whoever gets the link could accept it.
    expect((await ask(ada, `POST /api/orgs/acme/invites/${issued.name}/resend`, {})).status).toBe(403);
    expect((await ask(ada, 'POST /api/orgs/other/invites', { emails: ['x@example.com'] })).status).toBe(404);
    expect((await ask(undefined, 'POST /api/orgs/acme/invites', { emails: ['x@example.com'] })).status).toBe(401);
    const refused = await ask(ada, 'POST /api/orgs/acme/invites', { emails: ['no address', 'y@example.com'] });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('emails[0]') as string]);
  });

  it('answers the same whether an address or a login is known to the installation or not', async () => {
    const shape = (text: string): string => text.replace(/victim|nobody/g, 'X').replace(/X-[0-9a-f]{8}/g, 'X').replace(/[\w-]{43}/g, 'CODE').replace(/\d{4}-[\d-]+T[\d:.]+Z/g, 'TIME').replace(/"(uid|resourceVersion|correlationId)":"[^"]*"/g, '');
    const about = async (name: string) => {
      const invited = await (await ask(ada, 'POST /api/orgs/acme/invites', { emails: [`${name}@example.com`] })).text();
      const made = await ask(ada, 'POST /api/orgs/acme/resources', { kind: 'User', metadata: { name }, spec: { displayName: name, email: `${name}@example.com` } });
      const user = await eventually('its phase', async () => { const found = await userOf(name); return found.status?.phase === undefined ? undefined : found; });
      return [shape(invited), made.status, shape(await made.text()), shape(JSON.stringify(user))];
    };
    expect(await about('victim')).toEqual(await about('nobody'));
    expect((await userOf('victim')).status?.phase).toBe('Invited');
  });
});

describe('a code', () => {
  const accept = (code: string, who?: Person) => ask(who, `POST /api/invites/${code}`, who === undefined ? { account: { username: 'mallory', displayName: 'M', password: PASSWORD } } : {});

  it('that is wrong, used, expired, revoked or replaced says which', async () => {
    expect(await codeIn(await ask(undefined, `GET /api/invites/${'A'.repeat(43)}`))).toEqual([404, 'INVITE_NOT_FOUND']);
    expect((await ask(undefined, 'GET /api/invites/short')).status).toBe(400);
    const revoked = await invite(ada, 'revoked@example.com');
    await answer(await ask(ada, `POST /api/orgs/acme/invites/${revoked.name}/revoke`, {}));
    const replaced = await invite(ada, 'replaced@example.com');
    await answer(await ask(ada, `POST /api/orgs/acme/invites/${replaced.name}/resend`, { days: 1 }));
    const expired = await invite(ada, 'expired@example.com');
    await answer(await mergePatch(ada, `kradle-org-acme/invites/${expired.name}`, { expiresAt: '2020-01-01T00:00:00Z' }));
    for (const [issued, code] of [[revoked, 'INVITE_REVOKED'], [replaced, 'INVITE_REPLACED'], [expired, 'INVITE_EXPIRED']] as const) {
      expect.soft(await codeIn(await ask(undefined, `GET /api/invites/${codeOf(issued)}`)), code).toEqual([410, code]);
      expect.soft(await codeIn(await accept(codeOf(issued))), code).toEqual([410, code]);
    }
    await eventually('the phase', async () => (await server.api<{ status?: { phase?: string } }>('GET', `/api/orgs/acme/resources/invites/${expired.name}`)).status?.phase === 'Expired');
    expect((await server.fetch('/api/orgs/acme/resources/users/mallory')).status).toBe(404);
  });

  it('is accepted by one of many who try at once', async () => {
    const code = codeOf(await invite(ada, 'race@example.com'));
    const answers = await Promise.all([1, 2, 3, 4, 5].map((number) => ask(undefined, `POST /api/invites/${code}`, { account: { username: `racer-${number}`, displayName: 'R', password: PASSWORD } })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
    const { items } = await server.api<{ items: { metadata: { name: string } }[] }>('GET', '/api/orgs/acme/resources?kind=users');
    expect(items.filter(({ metadata }) => metadata.name.startsWith('racer-'))).toHaveLength(1);
  });

  it('is accepted by who is signed in, as themselves, by either door; a token for less does not do', async () => {
    const zoe = await newPerson(server, 'zoe', { org: 'other' });
    const code = codeOf(await invite(ada, 'zoe@example.org'));
    const { token } = await zoe.token(['write']);
    const byToken = await fetch(`${server.url}/api/invites/${code}`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{}' });
    expect(byToken.status).toBe(403);
    expect(await codeIn(await ask(zoe, `POST /api/invites/${code}`, { account: { username: 'zoe2', displayName: 'Z', password: PASSWORD } }))).toEqual([409, 'SIGNED_IN']);
    expect(await answer(await ask(zoe, 'POST /trpc/people.acceptInvite', { code }))).toMatchObject({ result: { data: { org: 'acme', user: 'zoe' } } });
    expect(await codeIn(await ask(dave, `POST /api/invites/${code}`, {}))).toEqual([410, 'INVITE_USED']);
    expect(await codeIn(await ask(undefined, `POST /api/invites/${codeOf(await invite(ada, 'any@example.org'))}`, {}))).toEqual([401, 'UNAUTHORIZED']);
  });

  it('is not taken from another site\'s page', async () => {
    const code = codeOf(await invite(ada, 'csrf@example.com'));
    const forged = await fetch(`${server.url}/api/invites/${code}`, { method: 'POST', headers: { Origin: 'https://evil.example.com', Cookie: dave.browser.cookies(server.url), 'Content-Type': 'application/json' }, body: '{}' });
    expect(forged.status).toBe(403);
  });
});

describe('what only the server says', () => {
  /** Everything that somebody could try to set, by every door that writes. */
  const doors = {
    rest: (who: Person, kind: string, document: object) => ask(who, 'POST /api/orgs/acme/resources', { kind, ...document }),
    trpc: (who: Person, kind: string, document: object) => ask(who, `POST /trpc/kinds.${kind.toLowerCase()}s.create`, { org: 'acme', resource: document }),
    kubernetes: (who: Person, kind: string, document: object) => ask(who, `POST ${GROUP}/namespaces/kradle-org-acme/${kind.toLowerCase()}s`, { apiVersion: 'kradle.a5c.ai/v1alpha1', kind, ...document }),
  };

  it.each(Object.entries(doors))('cannot be set through %s', async (door, write) => {
    const tag = door.slice(0, 4);
    await write(ada, 'Invite', { metadata: { name: `mass-${tag}` }, spec: { email: `mass-${tag}@example.com`, role: 'viewer', invitedBy: { kind: 'user', name: 'olga' } }, status: { phase: 'Accepted', acceptedBy: 'victim' } });
    const made = await eventually('the invitation', async () => {
      const found = await server.api<{ spec: object; status?: { phase?: string } }>('GET', `/api/orgs/acme/resources/invites/mass-${tag}`);
      return found.status?.phase === undefined ? undefined : found;
    });
    expect(made).toMatchObject({ spec: { invitedBy: { kind: 'user', name: 'ada' } }, status: { phase: 'Pending' } });
    expect(made.status).not.toHaveProperty('acceptedBy');

    for (const spec of [{ admitted: true }, { role: 'owner' }]) {
      const response = await write(ada, 'User', { metadata: { name: `mass-${tag}` }, spec: { displayName: 'M', email: 'm@example.com', ...spec } });
      expect.soft(response.status, `${door} ${JSON.stringify(spec)}`).toBeGreaterThanOrEqual(400);
      expect.soft(response.status).toBeLessThan(500);
    }
    // Kubernetes' own API drops what a kind does not have, unless it is asked to refuse it.
    const extra = await write(ada, 'User', { metadata: { name: `extra-${tag}` }, spec: { displayName: 'M', email: 'm@example.com', memberships: [{ org: 'acme' }] } });
    if (extra.ok) expect((await userOf(`extra-${tag}`)).spec).not.toHaveProperty('memberships');
    else expect(extra.status).toBeLessThan(500);
    await write(ada, 'User', { metadata: { name: `pretend-${tag}` }, spec: { displayName: 'P', email: 'p@example.com' }, status: { phase: 'Active', groups: ['platform-engineers'] } });
    await eventually('its phase', async () => (await userOf(`pretend-${tag}`)).status?.phase === 'Invited');
    expect((await write(ada, 'Team', { metadata: { name: `mass-${tag}` }, spec: { displayName: 'T', members: ['victim-of-nobody'] } })).status).toBeGreaterThanOrEqual(400);
    expect((await write(dave, 'User', { metadata: { name: `dave-${tag}` }, spec: { displayName: 'D', email: 'd@example.com' } })).status).toBe(403);
  });

  it('is neither what an organization is called by nor who made it', async () => {
    const change = (spec: object) => ask(ada, 'PATCH /api/orgs/acme', spec);
    await answer(await change({ displayName: 'Acme', createdBy: { kind: 'user', name: 'ada' }, suspended: true, slug: 'default' }));
    const { organization } = await answer<{ organization: { spec: object } }>(await ask(ada, 'GET /api/orgs/acme'));
    expect(organization.spec).toMatchObject({ slug: 'acme', createdBy: { name: 'admin' } });
    expect(organization.spec).not.toHaveProperty('suspended');
    const patch = (spec: object) => mergePatch(ada, 'kradle-system/organizations/acme', spec);
    expect((await patch({ suspended: true })).status).toBe(403);
    expect((await patch({ slug: 'default' })).status).toBe(422);
    await patch({ createdBy: { kind: 'user', name: 'ada' } });
    expect((await answer<{ organization: { spec: object } }>(await ask(ada, 'GET /api/orgs/acme'))).organization.spec).toMatchObject({ createdBy: { name: 'admin' } });
  });
});

describe('members', () => {
  it('have no access from the moment they are disabled or deleted', async () => {
    const eva = await newPerson(server, 'eva', { org: 'acme' });
    const { token } = await eva.token();
    const read = async () => (await ask(eva, 'GET /api/orgs/acme')).status;
    const byToken = async () => (await fetch(`${server.url}/api/orgs/acme`, { headers: { Authorization: `Bearer ${token}` } })).status;
    expect([await read(), await byToken()]).toEqual([200, 200]);
    await answer(await mergePatch(ada, 'kradle-org-acme/users/eva', { disabled: true }));
    expect([await read(), await byToken()]).toEqual([401, 401]);
    await newPerson(server, 'finn', { org: 'acme' }).then(async (finn) => {
      await answer(await ask(ada, 'DELETE /api/orgs/acme/resources/users/finn'));
      expect((await ask(finn, 'GET /api/orgs/acme')).status).toBe(404);
    });
  });

  it('keep an owner', async () => {
    // The administrator of the installation, who made the organization, hands it over.
    await server.api('DELETE', '/api/orgs/acme/resources/users/admin');
    const last = await ask(olga, 'DELETE /api/orgs/acme/resources/users/olga');
    expect(await codeIn(last)).toEqual([409, 'LAST_OWNER']);
    expect((await ask(ada, 'DELETE /api/orgs/acme/resources/users/olga')).status).toBe(403);
    expect((await ask(olga, 'GET /api/orgs/acme')).status).toBe(200);
  });

  it('are changed in a team by who maintains it, and the team\'s grants are not', async () => {
    await answer(await ask(ada, 'POST /api/orgs/acme/resources', { kind: 'Team', metadata: { name: 'compilers' }, spec: { displayName: 'Compilers', members: ['dave'], maintainers: ['dave'] } }));
    await server.api('POST', '/api/orgs/acme/repositories', { name: 'anvil', visibility: 'internal' });
    const changed = await answer<{ team: { spec: object } }>(await ask(dave, 'PATCH /api/orgs/acme/teams/compilers', { addMembers: ['ada'] }));
    expect(changed.team.spec).toMatchObject({ members: ['dave', 'ada'] });
    expect((await mergePatch(dave, 'kradle-org-acme/teams/compilers', { repositoryGrants: [{ repository: 'anvil', permission: 'admin' }] })).status).toBe(403);
    await answer(await ask(ada, 'PATCH /api/orgs/acme/teams/compilers', { removeMaintainers: ['dave'] }));
    expect((await ask(dave, 'PATCH /api/orgs/acme/teams/compilers', { addMembers: ['olga'] })).status).toBe(403);
  });
});

describe('a service account', () => {
  it('is made with its name alone, and its tokens are good while it is not disabled', async () => {
    const made = await answer<{ resource: { spec: object } }>(await ask(ada, 'POST /api/orgs/acme/resources', { kind: 'AgentServiceAccount', metadata: { name: 'deployer' }, spec: { displayName: 'Deployer' } }));
    expect(made.resource.spec).toMatchObject({ namespace: 'kradle-org-acme', serviceAccountName: 'deployer' });
    const { token } = await answer<{ token: string }>(await ask(ada, 'POST /api/orgs/acme/service-accounts/deployer/tokens', { title: 'ci', scopes: ['read'] }));
    const use = async () => (await fetch(`${server.url}/api/info`, { headers: { Authorization: `Bearer ${token}` } })).status;
    expect(await use()).toBe(200);
    await answer(await mergePatch(ada, 'kradle-org-acme/agentserviceaccounts/deployer', { disabled: true }));
    expect(await use()).toBe(401);
    await eventually('its phase', async () => (await server.api<{ status?: { phase?: string } }>('GET', '/api/orgs/acme/resources/agentserviceaccounts/deployer')).status?.phase === 'Disabled');
    await answer(await mergePatch(ada, 'kradle-org-acme/agentserviceaccounts/deployer', { disabled: null }));
    expect(await use()).toBe(200);
    expect((await ask(ada, 'POST /api/orgs/acme/resources', { kind: 'AgentServiceAccount', metadata: { name: 'spy' }, spec: { namespace: 'kradle-org-other' } })).status).toBe(403);
  });
});

// The last: afterwards this address may not use codes for a while.
describe('who guesses codes', () => {
  it('waits', async () => {
    const guesses = async () => (await fetch(`${server.url}/api/invites/${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`)).status;
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 60 && !statuses.includes(429); attempt += 1) statuses.push(await guesses());
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.length).toBeGreaterThan(10);
  });
});
