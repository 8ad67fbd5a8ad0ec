import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../harness/accessibility';
import { chromiumPath, launchBrowser } from '../harness/browser';
import { git, tryGit } from '../harness/git';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const PASSWORD = 'four plain words together';

describe.skipIf(chromiumPath === undefined)('people, in two browsers', () => {
  let server: TestServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  /** The administrator's window, and the newcomer's. */
  let admin: Page;
  let ada: Page;
  let inviteLink: string;
  const problems: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
    [admin, ada] = await Promise.all([newWindow(), newWindow()]);
    await server.api('POST', '/api/orgs/default/repositories', { name: 'shop', visibility: 'internal', initialize: true });
    await server.api('POST', '/api/orgs/default/repositories', { name: 'vault', visibility: 'private', initialize: true });
    await server.api('POST', '/api/orgs/default/resources', { kind: 'Team', metadata: { name: 'core' }, spec: { displayName: 'Core team' } });
    await admin.goto(server.signInLink);
    await admin.waitForURL(/\/o\/default/);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  async function newWindow(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, bypassCSP: true });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => problems.push(error.message));
    return page;
  }

  it('invites many at once, says what is no address, and shows each link this once', async () => {
    await admin.goto(`${server.url}/o/default/people`);
    await admin.getByRole('button', { name: 'Invite people' }).click();
    const dialog = admin.getByRole('dialog', { name: 'Invite people' });
    const emails = dialog.getByLabel(/^E-mail addresses/);
    await emails.fill('Ada Lovelace <ada@example.com>, ben');
    await dialog.getByText('“ben” is no address').waitFor();
    expect(await dialog.getByRole('button', { name: 'Invite', exact: true }).isDisabled()).toBe(true);
    await emails.fill('Ada Lovelace <ada@example.com>, ben@example.com');
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await admin.getByRole('option', { name: /^Viewer/ }).click();
    await dialog.getByText('Reads.', { exact: true }).waitFor();
    await dialog.getByRole('combobox', { name: /^Teams/ }).click();
    await admin.getByRole('option', { name: /Core team/ }).click();
    expect(await accessibilityFaults(admin)).toEqual([]);
    await dialog.getByRole('button', { name: 'Invite 2 people' }).click();
    const links = admin.getByRole('dialog', { name: '2 invitations' });
    inviteLink = await links.getByRole('textbox', { name: 'Link for ada@example.com' }).inputValue();
    expect(inviteLink).toMatch(new RegExp(`^${server.url}/invites/[\\w-]{43}$`));
    await links.getByRole('button', { name: 'Done' }).click();

    await admin.getByRole('link', { name: 'Invitations' }).click();
    await admin.getByRole('grid', { name: 'Invitations' }).getByText('ada@example.com').waitFor();
    expect(await accessibilityFaults(admin)).toEqual([]);
    // Once more: they are told that it is no second invitation, and why.
    await admin.getByRole('button', { name: 'Invite people' }).click();
    await dialog.getByLabel(/^E-mail addresses/).fill('ben@example.com');
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    await admin.getByRole('alert').filter({ hasText: 'is invited already' }).waitFor();
    await admin.getByRole('button', { name: 'Done' }).click();
  });

  it('begins in the first field of a form, is sent by keys, and keeps what was typed when it is refused', async () => {
    await admin.goto(`${server.url}/o/default/people/teams`);
    await admin.getByRole('button', { name: 'New team' }).click();
    const dialog = admin.getByRole('dialog', { name: 'New team' });
    const name = dialog.getByLabel(/^Name/);
    await dialog.and(admin.locator(':focus-within')).waitFor();
    await admin.keyboard.type('Core');
    expect(await name.inputValue()).toBe('Core');
    await admin.keyboard.press('Control+Enter');
    await dialog.getByRole('alert').filter({ hasText: /core/ }).waitFor();
    expect(await name.inputValue()).toBe('Core');
    expect(await accessibilityFaults(admin)).toEqual([]);
    await dialog.getByLabel(/^Short name/).fill('kernel');
    await admin.keyboard.press('Enter');
    await admin.waitForURL(/\/people\/teams\/kernel/);
  });

  it('takes an invitation back, and its link says so', async () => {
    const { invites } = await server.api<{ invites: { link: string }[] }>('POST', '/api/orgs/default/invites', { emails: ['eve@example.com'], role: 'viewer' });
    await admin.goto(`${server.url}/o/default/people/invitations`);
    const row = admin.getByRole('row').filter({ hasText: 'eve@example.com' });
    await row.getByRole('button', { name: 'Actions for eve@example.com' }).click();
    await admin.getByRole('menuitem', { name: 'Revoke…' }).click();
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('Revoked').waitFor();
    await ada.goto(invites[0]?.link ?? '');
    await ada.getByRole('heading', { name: 'This invitation was taken back' }).waitFor();
    await ada.goto(`${server.url}/invites/${'x'.repeat(43)}`);
    await ada.getByRole('heading', { name: 'This is no invitation' }).waitFor();
  });

  it('is accepted with a new account in another browser, which sees what its role allows and no more', async () => {
    await ada.goto(inviteLink);
    await ada.getByRole('heading', { name: 'Join Default' }).waitFor();
    expect(await accessibilityFaults(ada)).toEqual([]);
    await ada.getByLabel(/^Your name/).fill('Ada Lovelace');
    await ada.getByLabel(/^Password/).fill('short');
    await ada.getByRole('button', { name: 'Make the account and join' }).click();
    await ada.getByRole('alert').filter({ hasText: /12/ }).waitFor();
    await ada.getByLabel(/^Password/).fill(PASSWORD);
    await ada.getByRole('button', { name: 'Make the account and join' }).click();
    await ada.waitForURL(`${server.url}/o/default`);

    await ada.goto(`${server.url}/o/default/repositories`);
    await ada.getByRole('link', { name: 'shop' }).waitFor();
    expect(await ada.getByRole('link', { name: 'vault' }).count()).toBe(0);
    await ada.goto(`${server.url}/o/default/people`);
    await ada.getByRole('grid', { name: 'Members' }).getByText('ada · ada@example.com').waitFor();
    const invite = ada.getByRole('button', { name: 'Invite people' });
    await invite.and(ada.locator('[aria-disabled=true]')).waitFor();
    // The reason is there for the pointer, the keyboard and the screen reader.
    await invite.focus();
    await ada.getByRole('tooltip').filter({ hasText: /takes the role "admin"/ }).waitFor();
    await invite.click({ force: true });
    expect(await ada.getByRole('dialog').count()).toBe(0);
    expect(await ada.getByRole('combobox', { name: /^Role of/ }).count()).toBe(0);
    await ada.goto(`${server.url}/o/default/people/invitations`);
    await ada.getByRole('heading', { name: 'You may not see this' }).waitFor();
    await ada.goto(`${server.url}/o/default/people/teams/core`);
    await ada.getByRole('list', { name: 'Members of the team' }).getByText('Ada Lovelace').waitFor();
    expect(await accessibilityFaults(ada)).toEqual([]);
  });

  it('cannot be accepted a second time', async () => {
    const other = await newWindow();
    await other.goto(inviteLink);
    await other.getByRole('heading', { name: 'This invitation is used' }).waitFor();
    await other.context().close();
  });

  it('says who may merge: by role, and who that is here', async () => {
    await ada.goto(`${server.url}/o/default/people/roles`);
    await ada.getByRole('textbox', { name: 'Search the roles' }).fill('Who may merge?');
    const table = ada.getByRole('region', { name: 'Permissions' });
    await table.getByRole('row').filter({ hasText: 'merge pull requests' }).filter({ hasText: /or above, or the role \w+ in the repository/ }).waitFor();
    expect(await table.getByRole('rowheader').count()).toBe(1);
    expect(await table.getByRole('rowheader').innerText()).not.toContain('Ada Lovelace');
    await ada.waitForURL(/q=Who%20may%20merge|q=Who\+may\+merge/);
    expect(await accessibilityFaults(ada)).toEqual([]);
  });

  it('has another role at once when it is changed, without loading the page again', async () => {
    await ada.goto(`${server.url}/o/default/repositories`);
    await ada.getByRole('button', { name: 'New repository' }).and(ada.locator('[aria-disabled=true]')).waitFor();
    await ada.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }));

    await admin.goto(`${server.url}/o/default/people`);
    await admin.getByRole('combobox', { name: 'Role of Ada Lovelace' }).click();
    await admin.getByRole('option', { name: /^Maintainer/ }).click();

    await ada.getByRole('button', { name: 'New repository' }).and(ada.locator(':not([aria-disabled])')).waitFor();
    // Maintainers see private repositories.
    await ada.getByRole('link', { name: 'vault' }).waitFor();
    expect(await ada.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true);
  });

  it('keeps an owner: the last one is told why, and where to choose another', async () => {
    await server.api('POST', '/api/orgs', { slug: 'acme', displayName: 'Acme' });
    await admin.goto(`${server.url}/o/acme/people`);
    await admin.getByRole('combobox', { name: /^Role of/ }).click();
    await admin.getByRole('option', { name: /^Viewer/ }).click();
    const dialog = admin.getByRole('dialog', { name: 'An organization keeps an owner' });
    await dialog.getByText(/is the only owner/).waitFor();
    expect(await accessibilityFaults(admin)).toEqual([]);
    await dialog.getByRole('button', { name: 'Choose another owner' }).click();
    await admin.waitForURL(/role=admin/);
  });

  it('makes a token that clones by git, shown this once', async () => {
    await ada.goto(`${server.url}/account/tokens`);
    await ada.getByRole('button', { name: 'New token' }).click();
    const dialog = ada.getByRole('dialog', { name: 'New access token' });
    await dialog.getByLabel(/^What it is for/).fill('Laptop');
    expect(await dialog.getByRole('checkbox', { name: /^repo:read/ }).isChecked()).toBe(true);
    expect(await accessibilityFaults(ada)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create token' }).click();
    const shown = ada.getByRole('dialog', { name: 'Your new token' });
    const token = await shown.getByRole('textbox', { name: 'Token' }).inputValue();
    for (const program of ['kubectl', 'curl', 'kradle', 'git']) {
      await shown.getByRole('button', { name: program, exact: true }).click();
      await shown.locator('pre').filter({ hasText: token }).waitFor();
    }
    expect(await accessibilityFaults(ada)).toEqual([]);
    await shown.getByRole('button', { name: 'I have it' }).click();
    await ada.getByRole('list', { name: 'Tokens' }).getByText('Laptop').waitFor();
    expect(await ada.content()).not.toContain(token);

    await using folder = await tempDir('kradle-clone-');
    const url = new URL('/git/default/shop.git', server.url);
    [url.username, url.password] = ['ada', token];
    await git(['clone', '-q', url.href, 'shop'], { cwd: folder.path });
    // It reads and does not write: a push is refused.
    const pushed = await tryGit(['push', url.href, 'HEAD:refs/heads/other'], { cwd: `${folder.path}/shop` });
    expect(pushed.code).not.toBe(0);

    await ada.getByRole('button', { name: 'Revoke Laptop' }).click();
    await ada.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await ada.getByText('No tokens yet').waitFor();
    expect((await tryGit(['ls-remote', url.href], { cwd: folder.path })).code).not.toBe(0);
  });

  it('signs a browser out whose session is revoked in another', async () => {
    const phone = await newWindow();
    await phone.goto(`${server.url}/sign-in`);
    await phone.getByLabel('Name or e-mail').fill('ada');
    await phone.getByLabel(/^Password/).fill(PASSWORD);
    await phone.getByRole('button', { name: /^Sign in$/ }).first().click();
    await phone.waitForURL(/\/o\/default/);
    await phone.goto(`${server.url}/account/sessions`);
    await phone.getByText('this browser').waitFor();

    await ada.goto(`${server.url}/account/sessions`);
    const sessions = ada.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
    await sessions.filter({ hasText: 'this browser' }).waitFor();
    expect(await sessions.count()).toBe(2);
    expect(await accessibilityFaults(ada)).toEqual([]);
    await sessions.filter({ hasNotText: 'this browser' }).getByRole('button', { name: 'Sign it out' }).click();
    await phone.waitForURL(/\/sign-in\?.*reason=expired/);
    await phone.context().close();
  });

  it('is accepted by an account that exists, after it has signed in and come back', async () => {
    const { invites } = await server.api<{ invites: { link: string }[] }>('POST', '/api/orgs/acme/invites', { emails: ['ada@example.com'], role: 'developer' });
    const laptop = await newWindow();
    await laptop.goto(invites[0]?.link ?? '');
    await laptop.getByRole('link', { name: 'Sign in' }).click();
    await laptop.getByLabel('Name or e-mail').fill('ada');
    await laptop.getByLabel(/^Password/).fill(PASSWORD);
    await laptop.getByRole('button', { name: /^Sign in$/ }).first().click();
    await laptop.getByRole('heading', { name: 'Join Acme' }).waitFor();
    await laptop.getByRole('button', { name: 'Accept as Ada Lovelace' }).click();
    await laptop.waitForURL(/\/o\/acme/);
    await laptop.goto(`${server.url}/account/organizations`);
    await laptop.getByRole('list', { name: 'Organizations' }).getByRole('listitem').filter({ hasText: 'Acme' }).filter({ hasText: 'developer' }).waitFor();
    await laptop.getByRole('button', { name: 'New organization' }).and(laptop.locator('[aria-disabled=true]')).waitFor();
    expect(await accessibilityFaults(laptop)).toEqual([]);
    await laptop.context().close();
  });

  it('loses what a disabled member sees, at once, and has it back live when enabled again', async () => {
    await ada.goto(`${server.url}/o/default/repositories`);
    await ada.getByRole('link', { name: 'shop' }).waitFor();
    await admin.goto(`${server.url}/o/default/people`);
    await admin.getByRole('button', { name: 'Actions for Ada Lovelace' }).click();
    await admin.getByRole('menuitem', { name: 'Disable…' }).click();
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
    await ada.getByRole('link', { name: 'shop' }).waitFor({ state: 'detached' });
    await admin.getByRole('button', { name: 'Actions for Ada Lovelace' }).click();
    await admin.getByRole('menuitem', { name: 'Enable' }).click();
    await admin.getByRole('row').filter({ hasText: 'Ada Lovelace' }).getByText('Active').waitFor();
    await ada.getByRole('button', { name: 'Try again' }).click();
    await ada.getByRole('link', { name: 'shop' }).waitFor();
    await server.api('POST', '/api/orgs/default/repositories', { name: 'later', visibility: 'internal' });
    await ada.getByRole('link', { name: 'later' }).waitFor();
  });

  it('makes an organization in the switcher, suspends and resumes it, and deletes it by name', async () => {
    await admin.goto(`${server.url}/o/default`);
    await admin.getByRole('button', { name: /^Organization Default/ }).click();
    await admin.getByRole('menuitem', { name: 'New organization…' }).click();
    const dialog = admin.getByRole('dialog', { name: 'New organization' });
    await dialog.getByLabel(/^Name/).fill('Short Lived');
    expect(await dialog.getByLabel(/^Short name/).inputValue()).toBe('short-lived');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await admin.waitForURL(/\/o\/short-lived/);

    await admin.goto(`${server.url}/o/short-lived/settings`);
    await admin.getByRole('button', { name: 'Suspend…' }).click();
    const suspend = admin.getByRole('dialog', { name: 'Suspend Short Lived?' });
    await suspend.getByLabel(/^Why/).fill('Unpaid');
    await suspend.getByRole('button', { name: 'Suspend' }).click();
    await admin.getByText('Unpaid').waitFor();
    expect(await accessibilityFaults(admin)).toEqual([]);
    await admin.getByRole('button', { name: 'Resume' }).click();
    await admin.getByRole('button', { name: 'Suspend…' }).waitFor();

    await admin.getByRole('button', { name: 'Delete organization…' }).click();
    const confirm = admin.getByRole('alertdialog');
    expect(await confirm.getByRole('button', { name: 'Delete everything in it' }).isDisabled()).toBe(true);
    await confirm.getByRole('textbox').fill('short-lived');
    await confirm.getByRole('button', { name: 'Delete everything in it' }).click();
    await admin.waitForURL(/\/deletions\/short-lived/);
    await admin.getByText('Nothing of it is left.').waitFor();
    expect(await accessibilityFaults(admin)).toEqual([]);
    expect((await server.fetch('/api/orgs/short-lived')).status).toBe(404);
  });

  it('says of a provider why nobody can sign in by it, and what to register there', async () => {
    await admin.goto(`${server.url}/o/default/settings/sign-in`);
    await admin.getByRole('button', { name: 'New provider' }).click();
    const dialog = admin.getByRole('dialog', { name: 'New way to sign in' });
    await dialog.getByLabel('Name', { exact: true }).fill('Acme ID');
    await dialog.getByLabel(/^Issuer/).fill('http://127.0.0.1:1');
    await dialog.getByLabel(/^Client id/).fill('kradle');
    await dialog.getByLabel(/^Client secret/).fill('planted-client-secret');
    expect(await accessibilityFaults(admin)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = admin.getByRole('list', { name: 'Sign-in providers' }).getByRole('listitem').filter({ hasText: 'Acme ID' });
    await row.getByText('Failed').waitFor();
    await row.getByText(`${server.url}/api/sign-in/acme-id/callback`).waitFor();
    expect(await admin.content()).not.toContain('planted-client-secret');
    expect(problems).toEqual([]);
  });
});
