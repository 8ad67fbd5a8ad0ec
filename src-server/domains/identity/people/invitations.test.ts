import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Invite } from '#shared/kinds/identity/invite';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { invitationLink, startMailServer, type MailServer } from '../../../../test/harness/mailServer';
import { ACME, createPeopleFixture, ORIGIN, type PeopleFixture } from '../../../../test/harness/peopleFixture';
import type { ResourceClient } from '../../../resources/resourceClient';
import { Account } from '../accounts/account';
import { createSmtpMailer } from '../mail/smtpMailer';
import { InviteAcceptance, InviteCode, inviteCodeName } from './inviteCode';

const DAY_MS = 24 * 3_600_000;
const GRACE = { username: 'Grace', displayName: 'Grace Hopper', password: 'seven purple otters juggle' };

let fixture: PeopleFixture;
let ada: ResourceClient;
afterEach(() => fixture[Symbol.asyncDispose]());

const codeOf = (link: string): string => link.slice(link.lastIndexOf('/') + 1);
const invite = async (input: { email?: string; role?: string; teams?: string[]; days?: number } = {}) =>
  fixture.invitations.invite(ada, { org: ACME, email: 'Grace@Example.com', role: 'reviewer', days: 7, origin: ORIGIN, ...input });
const read = (name: string) => fixture.resources.get(Invite, { org: ACME, name });
const usersOf = async (org = ACME) => (await fixture.resources.list(User, { org })).items.map(({ metadata }) => metadata.name);

describe('an invitation', () => {
  beforeEach(async () => {
    fixture = await createPeopleFixture();
    ada = await fixture.member('ada', 'admin');
  });

  it('is a link whose code is stored nowhere, and says who invites to what, and nothing more', async () => {
    const issued = await invite();
    expect(issued).toMatchObject({ email: 'grace@example.com', role: 'reviewer', mail: 'off', link: expect.stringMatching(/^https:\/\/kradle\.example\.com\/invites\/[\w-]{43}$/) as string });
    const code = codeOf(issued.link);
    await fixture.settle();
    expect(JSON.stringify((await fixture.store.list({})).items)).not.toContain(code);
    expect((await fixture.resources.find(InviteCode, { org: ACME, name: inviteCodeName(code) }))?.spec).toMatchObject({ invite: issued.name, sentBy: 'link' });
    expect(await fixture.invitations.lookup(code)).toEqual({ organization: { slug: ACME, displayName: 'Acme Works' }, inviter: 'ADA', role: 'reviewer', email: 'grace@example.com' });
    expect((await read(issued.name)).status).toMatchObject({ phase: 'Pending', mail: { state: 'Off' } });
  });

  it('makes an account and a member of who has none, with role, group and teams', async () => {
    await fixture.resources.create(Team, ACME, { metadata: { name: 'compilers' }, spec: { organizationRef: ACME, displayName: 'Compilers' } });
    const issued = await invite({ role: 'wizards', teams: ['compilers'] });
    expect(await fixture.invitations.accept(codeOf(issued.link), { account: GRACE })).toEqual({ org: ACME, user: 'grace' });
    await fixture.settle();
    expect(await fixture.resources.get(User, { org: ACME, name: 'grace' })).toMatchObject({
      spec: { displayName: 'Grace Hopper', email: 'grace@example.com', role: 'developer', groups: ['wizards'] },
      status: { phase: 'Active', groups: ['kradle:users', 'developers', 'team:compilers', 'wizards'] },
    });
    expect((await fixture.resources.get(Team, { org: ACME, name: 'compilers' }))).toMatchObject({ spec: { members: ['grace'] }, status: { memberCount: 1 } });
    expect((await read(issued.name)).status).toMatchObject({ phase: 'Accepted', acceptedBy: 'grace' });
    // A link may have been handed to anybody.
    expect((await fixture.accounts.find('grace'))?.spec).toMatchObject({ emailVerified: false, memberships: [{ org: ACME }] });
    expect((await fixture.accounts.checkPassword('grace', GRACE.password))?.metadata.name).toBe('grace');
    expect((await fixture.accounts.findActor('grace'))?.orgs).toEqual([ACME]);
  });

  it('is accepted once: of two at the same time one becomes a member, and nobody else gets an account', async () => {
    const code = codeOf((await invite()).link);
    const eve = { username: 'eve', displayName: 'Eve', password: GRACE.password };
    const outcomes = await Promise.allSettled([fixture.invitations.accept(code, { account: GRACE }), fixture.invitations.accept(code, { account: eve }), fixture.invitations.accept(code, { actor: await fixture.account('bob') })]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ httpStatus: 410, code: 'INVITE_USED' });
    expect(await usersOf()).toHaveLength(2);
    const { items } = await fixture.resources.list(Account, { org: '*' });
    expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(['ada', 'admin', 'bob', 'grace']);
  });

  it('answers who accepted it the same again, and others that it is used', async () => {
    const code = codeOf((await invite()).link);
    const bob = await fixture.account('bob');
    expect(await fixture.invitations.accept(code, { actor: bob })).toEqual({ org: ACME, user: 'bob' });
    expect(await fixture.invitations.accept(code, { actor: bob })).toEqual({ org: ACME, user: 'bob' });
    await expect(fixture.invitations.accept(code, { actor: await fixture.account('eve') })).rejects.toMatchObject({ code: 'INVITE_USED' });
    await expect(fixture.invitations.lookup(code)).rejects.toMatchObject({ code: 'INVITE_USED' });
  });

  it('ends when its time is over, and can be sent again: the new link is good, the old one says so', async () => {
    const issued = await invite({ days: 2 });
    await fixture.settle();
    fixture.clock.advance(2 * DAY_MS);
    await fixture.settle();
    expect((await read(issued.name)).status?.phase).toBe('Expired');
    await expect(fixture.invitations.accept(codeOf(issued.link), { account: GRACE })).rejects.toMatchObject({ httpStatus: 410, code: 'INVITE_EXPIRED' });
    expect(await fixture.accounts.find('grace')).toBeUndefined();
    const again = await fixture.invitations.resend(ada, { org: ACME, name: issued.name, days: 1, origin: ORIGIN });
    await fixture.settle();
    expect((await read(issued.name)).status?.phase).toBe('Pending');
    await expect(fixture.invitations.lookup(codeOf(issued.link))).rejects.toMatchObject({ httpStatus: 410, code: 'INVITE_REPLACED' });
    expect(await fixture.invitations.accept(codeOf(again.link), { account: GRACE })).toMatchObject({ user: 'grace' });
  });

  it('can be taken back until it is accepted', async () => {
    const [revoked, accepted] = [await invite(), await invite({ email: 'alan@example.com' })];
    await fixture.invitations.revoke(ada, { org: ACME, name: revoked.name });
    await fixture.settle();
    expect((await read(revoked.name)).status?.phase).toBe('Revoked');
    await expect(fixture.invitations.accept(codeOf(revoked.link), { account: GRACE })).rejects.toMatchObject({ httpStatus: 410, code: 'INVITE_REVOKED' });
    await expect(fixture.invitations.resend(ada, { org: ACME, name: revoked.name, days: 1, origin: ORIGIN })).rejects.toMatchObject({ httpStatus: 409, code: 'INVITE_REVOKED' });
    await fixture.invitations.accept(codeOf(accepted.link), { account: { ...GRACE, username: 'alan' } });
    await expect(fixture.invitations.revoke(ada, { org: ACME, name: accepted.name })).rejects.toMatchObject({ httpStatus: 409, code: 'INVITE_USED' });
    expect(await usersOf()).toContain('alan');
  });

  it('that is deleted leaves no code: its link is one of no invitation', async () => {
    const issued = await invite();
    await fixture.settle();
    await ada.delete(Invite, { org: ACME, name: issued.name });
    await fixture.settle();
    expect((await fixture.resources.list(InviteCode, { org: ACME })).items).toEqual([]);
    await expect(fixture.invitations.lookup(codeOf(issued.link))).rejects.toMatchObject({ httpStatus: 404, code: 'INVITE_NOT_FOUND' });
    await expect(fixture.invitations.lookup('A'.repeat(43))).rejects.toMatchObject({ httpStatus: 404, code: 'INVITE_NOT_FOUND' });
  });

  it('is not sent to who is a member, or is invited already; whether there is an account elsewhere does not show', async () => {
    await invite();
    await expect(invite()).rejects.toMatchObject({ httpStatus: 409, code: 'ALREADY_INVITED' });
    await expect(invite({ email: 'ada@example.com' })).rejects.toMatchObject({ httpStatus: 409, code: 'ALREADY_MEMBER' });
    await fixture.account('elsewhere');
    const [known, unknown] = [await invite({ email: 'elsewhere@example.com' }), await invite({ email: 'nobody@example.com' })];
    expect(Object.keys(known)).toEqual(Object.keys(unknown));
  });

  it('takes the user over that was made for the same address, and not one of another person', async () => {
    const create = (name: string, email: string) => ada.create(User, ACME, { metadata: { name }, spec: { organizationRef: ACME, displayName: name, email, role: 'viewer' } });
    await create('grace', 'grace@example.com');
    await create('alan', 'turing@example.com');
    const issued = await invite();
    await fixture.invitations.accept(codeOf(issued.link), { account: GRACE });
    await fixture.settle();
    expect(await fixture.resources.get(User, { org: ACME, name: 'grace' })).toMatchObject({ spec: { role: 'reviewer' }, status: { phase: 'Active' } });
    const other = await invite({ email: 'alan@example.com' });
    await expect(fixture.invitations.accept(codeOf(other.link), { account: { ...GRACE, username: 'alan' } })).rejects.toMatchObject({ httpStatus: 409, code: 'USER_TAKEN' });
    await fixture.account('alan');
    await expect(fixture.invitations.accept(codeOf(other.link), { actor: { kind: 'user', name: 'alan', orgs: [] } })).rejects.toMatchObject({ code: 'USER_TAKEN' });
    // It can be accepted under another name.
    expect(await fixture.invitations.accept(codeOf(other.link), { account: { ...GRACE, username: 'alan-m' } })).toMatchObject({ user: 'alan-m' });
  });

  it('that a server died over is carried out by the next one', async () => {
    const issued = await invite();
    const { metadata, spec } = await read(issued.name);
    await fixture.account('grace');
    await fixture.resources.create(InviteAcceptance, ACME, {
      metadata: { name: metadata.uid }, spec: { organizationRef: ACME, invite: issued.name, account: 'grace', acceptedAt: '2026-01-01T00:00:00.000Z', role: spec.role },
    });
    await fixture.settle();
    fixture.clock.advance(5_000);
    await fixture.settle();
    expect((await read(issued.name)).status).toMatchObject({ phase: 'Accepted', acceptedBy: 'grace' });
    expect((await fixture.accounts.findActor('grace'))?.orgs).toEqual([ACME]);
  });

  it('is not made accepted by writing that it is', async () => {
    await fixture.account('victim');
    const issued = await invite();
    await fixture.settle();
    const { metadata, spec } = await read(issued.name);
    await ada.updateStatus(Invite, ACME, { metadata: { name: metadata.name }, spec, status: { phase: 'Accepted', acceptedBy: 'victim', acceptedAt: '2026-01-01T00:00:00Z' } });
    await fixture.settle();
    expect((await read(issued.name)).status?.phase).toBe('Pending');
    expect((await fixture.accounts.findActor('victim'))?.orgs).toEqual([]);
    expect(await fixture.invitations.accept(codeOf(issued.link), { account: GRACE })).toMatchObject({ user: 'grace' });
  });
});

describe('an invitation by mail', () => {
  let mail: MailServer;
  beforeEach(async () => {
    mail = await startMailServer({ user: 'kradle', password: 'hunter2' });
    fixture = await createPeopleFixture({ mailer: createSmtpMailer(mail.url, 'Kradle <kradle@example.com>') });
    ada = await fixture.member('ada', 'admin');
  });
  afterEach(() => mail[Symbol.asyncDispose]());

  it('goes out, and who accepts by it has shown that the address is theirs', async () => {
    const issued = await invite();
    expect(issued.mail).toBe('sending');
    await fixture.settle();
    const [message] = mail.received;
    if (message === undefined) throw new Error('nothing was sent');
    expect(message).toMatchObject({ to: ['grace@example.com'], from: 'Kradle <kradle@example.com>', headers: { subject: 'ADA invites you to Acme Works', 'auto-submitted': 'auto-generated' } });
    expect((await read(issued.name)).status).toMatchObject({ mail: { state: 'Sent', attempts: 1 }, sentAt: '2026-01-01T00:00:00.000Z' });
    const code = codeOf(invitationLink(message));
    expect(code).not.toBe(codeOf(issued.link));
    await fixture.invitations.accept(code, { account: GRACE });
    expect((await fixture.accounts.find('grace'))?.spec).toMatchObject({ email: 'grace@example.com', emailVerified: true });
    await expect(fixture.invitations.lookup(codeOf(issued.link))).rejects.toMatchObject({ code: 'INVITE_USED' });
    expect(mail.received).toHaveLength(1);
  });

  it('is tried again while the mail server is busy, says why, and goes out once', async () => {
    mail.refuseWith = { code: 451, message: 'try later' };
    const issued = await invite();
    await fixture.settle();
    expect((await read(issued.name)).status?.mail).toMatchObject({ state: 'Failed', attempts: 1, message: expect.stringContaining('451 try later') as string, nextAttemptAt: '2026-01-01T00:01:00.000Z' });
    mail.refuseWith = undefined;
    fixture.clock.advance(60_000);
    await fixture.settle();
    expect((await read(issued.name)).status?.mail).toEqual({ state: 'Sent', attempts: 2 });
    expect(mail.received).toHaveLength(1);
    // Of the attempt that failed nothing is left.
    expect((await fixture.resources.list(InviteCode, { org: ACME })).items.map(({ spec }) => spec.sentBy).sort()).toEqual(['link', 'mail']);
  });

  it('is given up where the mail server says that it is of no use, until somebody sends it again', async () => {
    mail.refuseWith = { code: 550, message: 'no such mailbox' };
    const issued = await invite();
    await fixture.settle();
    expect((await read(issued.name)).status?.mail).toEqual({ state: 'Failed', attempts: 1, message: expect.stringContaining('550 no such mailbox') as string });
    mail.refuseWith = undefined;
    fixture.clock.advance(DAY_MS);
    await fixture.settle();
    expect(mail.received).toHaveLength(0);
    await fixture.invitations.resend(ada, { org: ACME, name: issued.name, days: 3, origin: ORIGIN });
    await fixture.settle();
    expect(mail.received).toHaveLength(1);
  });

  it('says that user and password are wrong without showing them, and that nobody answers', async () => {
    for (const url of [mail.url.replace('hunter2', 'swordfish'), 'smtp://kradle:swordfish@127.0.0.1:1']) {
      const failure: unknown = await createSmtpMailer(url, 'kradle@example.com').send({ to: 'grace@example.com', subject: 's', text: 't', html: 'h' }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'MailFailure', permanent: false });
      expect(String(failure)).not.toContain('swordfish');
    }
  });

  it('ends at its recipient: an address cannot carry more than one', async () => {
    const mailer = createSmtpMailer(mail.url, 'kradle@example.com');
    await mailer.send({ to: 'grace@example.com', subject: 'one\r\nBcc: eve@example.com', text: 't', html: 'h' });
    expect(mail.received[0]?.to).toEqual(['grace@example.com']);
    expect(mail.received[0]?.headers.bcc).toBeUndefined();
  });
});
