/** A message to one person. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Hands messages to a mail server. */
export interface Mailer {
  /** Resolves once the mail server has taken the message. Throws {@link MailFailure}. */
  send(mail: Mail): Promise<void>;
  /** Ends what connections are open. */
  close(): void;
}

/** Why a message was not taken, in words that a person may read: never with the password of the mail server in them. */
export class MailFailure extends Error {
  override readonly name = 'MailFailure';

  /** `permanent`: the mail server said that trying again is of no use, as for a mailbox that does not exist. */
  constructor(message: string, readonly permanent: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}
