import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A message as it arrived. */
export interface ReceivedMail {
  readonly to: readonly string[];
  readonly from: string;
  /** Unfolded, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The plain text part. */
  readonly text: string;
  readonly raw: string;
}

/** A real mail server in this process. */
export interface MailServer extends AsyncDisposable {
  /** With user and password, where it wants them. */
  readonly url: string;
  readonly received: ReceivedMail[];
  /** What it answers to messages from now on: a code such as 451, or undefined to take them. */
  refuseWith: { readonly code: number; readonly message: string } | undefined;
}

export async function startMailServer(opts: { user?: string; password?: string } = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: opts.user === undefined ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
    authOptional: opts.user === undefined,
    allowInsecureAuth: true,
    onAuth(auth, _session, done) {
      if (auth.username === opts.user && auth.password === opts.password) done(null, { user: auth.username });
      else done(new Error('wrong user or password'));
    },
    onData(stream, session, done) {
      void buffer(stream).then((bytes) => {
        if (mail.refuseWith !== undefined) return done(Object.assign(new Error(mail.refuseWith.message), { responseCode: mail.refuseWith.code }));
        received.push(readMail(bytes.toString('utf8'), session.envelope.rcptTo.map(({ address }) => address)));
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const credentials = opts.user === undefined ? '' : `${encodeURIComponent(opts.user)}:${encodeURIComponent(opts.password ?? '')}@`;
  const mail: MailServer = {
    url: `smtp://${credentials}127.0.0.1:${port}`,
    received,
    refuseWith: undefined,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mail;
}

/** The address in a message that an invitation is accepted at. */
export function invitationLink({ text }: ReceivedMail): string {
  const link = /^https?:\/\/\S+\/invites\/[\w-]{43}$/m.exec(text)?.[0];
  if (link === undefined) throw new Error(`no link in: ${text}`);
  return link;
}

function readMail(raw: string, to: readonly string[]): ReceivedMail {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const headers = Object.fromEntries(head.replace(/\r\n[ \t]+/g, ' ').split('\r\n').map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const part = /Content-Type: text\/plain[^]*?\r\n\r\n([^]*?)\r\n--/.exec(raw);
  const isQuoted = /Content-Transfer-Encoding: quoted-printable/i.test(part?.[0].slice(0, part[0].indexOf('\r\n\r\n')) ?? '');
  const body = (part?.[1] ?? '').replaceAll('\r\n', '\n');
  return { raw, to, from: headers.from ?? '', headers, text: isQuoted ? decodeQuoted(body) : body };
}

/** RFC 2045, 6.7. */
function decodeQuoted(text: string): string {
  const bytes = text.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
