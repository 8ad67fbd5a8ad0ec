import type { Mail } from './mailer';

export interface InvitationMail {
  readonly to: string;
  readonly organization: string;
  readonly inviter: string;
  readonly role: string;
  readonly link: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  readonly message?: string | undefined;
}

/** The message that brings an invitation. Names and words are whoever's: in HTML they are text, and in the subject one line. */
export function invitationMail(invitation: InvitationMail): Mail {
  const { to, organization, inviter, role, link, message } = invitation;
  const until = `${invitation.expiresAt.slice(0, 10)}, ${invitation.expiresAt.slice(11, 16)} UTC`;
  const lead = `${inviter} invites you to ${organization} on Kradle, as ${role}.`;
  const rest = `The invitation can be accepted once, until ${until}. If you did not expect it, do nothing: nothing happens without you.`;
  const words = message === undefined || message.trim() === '' ? undefined : message.trim();
  return {
    to,
    subject: oneLine(`${inviter} invites you to ${organization}`),
    text: [lead, ...(words === undefined ? [] : [words.split('\n').map((line) => `> ${line}`).join('\n')]), `Accept it here:\n${link}`, rest].join('\n\n') + '\n',
    html: [
      '<!doctype html><html lang="en"><body style="font:15px/1.5 system-ui,sans-serif;color:#1f2328;max-width:34em;margin:2em auto;padding:0 1em">',
      `<p>${escapeHtml(lead)}</p>`,
      ...(words === undefined ? [] : [`<blockquote style="margin:1em 0;padding-left:1em;border-left:3px solid #d0d7de;white-space:pre-wrap">${escapeHtml(words)}</blockquote>`]),
      `<p><a href="${escapeHtml(link)}" style="display:inline-block;padding:.6em 1.2em;border-radius:6px;background:#0b5fff;color:#fff;text-decoration:none">Accept the invitation</a></p>`,
      `<p style="color:#59636e">${escapeHtml(rest)}</p>`,
      `<p style="color:#59636e;word-break:break-all">${escapeHtml(link)}</p>`,
      '</body></html>',
    ].join('\n'),
  };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\'', '&#39;');
}

function oneLine(text: string): string {
  return text.replace(/\p{C}+|\s+/gu, ' ').trim().slice(0, 200);
}
