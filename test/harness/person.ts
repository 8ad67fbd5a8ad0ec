import type { CreatedToken } from '../../shared/api/account';
import type { IssuedInvite } from '../../shared/api/people';
import type { TestServer } from './startServer';
import { TestBrowser } from './testBrowser';

export const PASSWORD = 'a long walk at night';

/** A member of an organization, signed in. */
export interface Person {
  readonly name: string;
  readonly browser: TestBrowser;
  /** A personal access token with these scopes; all of them unless said. */
  token(scopes?: readonly string[], more?: Record<string, unknown>): Promise<CreatedToken>;
}

/** Invites somebody, accepts in their name, and signs them in by password. */
export async function newPerson(server: TestServer, name: string, opts: { org?: string; role?: string } = {}): Promise<Person> {
  const { org = 'default', role = 'developer' } = opts;
  const { invites } = await server.api<{ invites: IssuedInvite[] }>('POST', `/api/orgs/${org}/invites`, { emails: [`${name}@example.com`], role });
  const code = invites[0]?.link.split('/').at(-1) ?? '';
  const browser = new TestBrowser();
  const accepted = await browser.request(`${server.url}/api/invites/${code}`, { json: { account: { username: name, displayName: name, password: PASSWORD } } });
  if (!accepted.ok) throw new Error(`the invitation of ${name} was not accepted: ${await accepted.text()}`);
  await signInByPassword(server, browser, name);
  return {
    name,
    browser,
    async token(scopes = ['write', 'packages:write', 'runs', 'admin'], more = {}) {
      const response = await browser.request(`${server.url}/api/user/tokens`, { json: { title: 'of a test', scopes, ...more } });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as CreatedToken;
    },
  };
}

export async function signInByPassword(server: TestServer, browser: TestBrowser, name: string): Promise<void> {
  const response = await browser.request(`${server.url}/api/sign-in/password`, { json: { username: name, password: PASSWORD } });
  if (!response.ok) throw new Error(`${name} did not sign in: ${await response.text()}`);
}
