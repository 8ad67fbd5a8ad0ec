import { StatusError } from '#shared/api/status';
import { createSmtpMailer } from '../../domains/identity/mail/smtpMailer';
import type { Mailer } from '../../domains/identity/mail/mailer';
import type { Config } from '../config';

/** The mail server of the configuration; undefined where mail is not set up. Throws `Invalid` when half of it is. */
export function createMailer({ smtpUrl, mailFrom }: Pick<Config, 'smtpUrl' | 'mailFrom'>): Mailer | undefined {
  if (smtpUrl === undefined) return undefined;
  if (mailFrom === undefined) {
    const message = 'smtpUrl is set and mailFrom is not: say whom mails are from, by KRADLE_MAIL_FROM="Kradle <kradle@example.com>"';
    throw new StatusError('Invalid', message, { causes: [{ code: 'FieldValueRequired', field: 'mailFrom', message }] });
  }
  return createSmtpMailer(smtpUrl, mailFrom);
}
