import type { Mail, Mailer } from './mailer';
import { MailFailure } from './mailer';
import { parseSmtpUrl } from './smtpUrl';

/** A mail server that does not answer is given up after this, in ms; the message is tried again later. */
const CONNECT_MS = 15_000;
const SILENCE_MS = 30_000;

/**
 * Sends by SMTP, a connection for each message: there are few, and none is kept open for days.
 *
 * @param url `smtp://` or `smtps://`, with user and password where the server wants them.
 * @param from `Kradle <kradle@example.com>`.
 */
export function createSmtpMailer(url: string, from: string): Mailer {
  const { host, port, secure, user, password, local } = parseSmtpUrl(url);
  const open = async () => {
    // Most installations send no mail: its library is loaded by those that do.
    const { createTransport } = await import('nodemailer');
    return createTransport({
      host, port, secure,
      // A password does not leave the machine in the clear.
      requireTLS: !secure && user !== undefined && !local,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, dnsTimeout: CONNECT_MS,
      disableFileAccess: true, disableUrlAccess: true,
    }, { from });
  };
  let transport: ReturnType<typeof open> | undefined;

  return {
    async send({ to, subject, text, html }: Mail) {
      try {
        // As an object, a name cannot smuggle a second recipient in.
        await (await (transport ??= open())).sendMail({ to: { name: '', address: to }, subject, text, html, headers: { 'Auto-Submitted': 'auto-generated' } });
      } catch (error) {
        throw toMailFailure(error, host);
      }
    },
    close() {
      void transport?.then((each) => each.close());
    },
  };
}

/** What the mail server answered, or what kept us from asking it. Replies from 500 on are permanent. Source: RFC 5321, 4.2.1. */
function toMailFailure(error: unknown, host: string): MailFailure {
  const { code, responseCode, response, message } = error as { code?: string; responseCode?: number; response?: string; message?: string };
  const permanent = code !== 'EAUTH' && responseCode !== undefined && responseCode >= 500;
  const words = code === 'EAUTH' ? `${host} did not take the user and password of the setting smtpUrl` : response === undefined ? `${host} could not be asked: ${message ?? String(error)}` : `${host} answered ${response}`;
  return new MailFailure(words.replace(/\s+/g, ' ').slice(0, 500), permanent, { cause: error });
}
