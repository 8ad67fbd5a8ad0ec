import { expect, it } from 'vitest';
import { invitationMail } from './invitationMail';

const invitation = { to: 'grace@example.com', organization: 'Acme', inviter: 'Ada', role: 'developer', link: 'https://kradle.example.com/invites/abc', expiresAt: '2026-12-01T10:20:30.000Z' };

it('says who invites to what, until when, and where it is accepted', () => {
  const { subject, text, html } = invitationMail({ ...invitation, message: 'Hello\nGrace' });
  expect(subject).toBe('Ada invites you to Acme');
  for (const part of ['as developer', '> Hello\n> Grace', '\nhttps://kradle.example.com/invites/abc\n', '2026-12-01, 10:20 UTC']) expect(text).toContain(part);
  expect(html).toContain('href="https://kradle.example.com/invites/abc"');
});

it('takes names and words for text: no markup, and no header of their own', () => {
  const { subject, html } = invitationMail({ ...invitation, inviter: 'Eve\r\nBcc: all@example.com', organization: '<img src=x>', message: '<script>"&\'</script>' });
  expect(subject).not.toMatch(/[\r\n]/);
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain('&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;');
});
