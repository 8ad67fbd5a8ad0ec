/** Where mail is handed in. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, as `smtps://` says. */
  readonly secure: boolean;
  readonly user?: string;
  readonly password?: string;
  /** On this machine. */
  readonly local: boolean;
}

/** Reads `smtp(s)://USER:PASSWORD@HOST:PORT`. Throws an Error that does not repeat what was given, because a password is in it. */
export function parseSmtpUrl(text: string): SmtpServer {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new Error('must be an address such as smtp://USER:PASSWORD@mail.example.com:587', { cause });
  }
  const secure = url.protocol === 'smtps:';
  if (!secure && url.protocol !== 'smtp:') throw new Error('must begin with smtp:// or smtps://');
  if (url.hostname === '') throw new Error('must name the mail server: smtp://USER:PASSWORD@HOST:PORT');
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') throw new Error('must end after the port: smtp://USER:PASSWORD@HOST:PORT');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }),
    local: host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host),
  };
}

/** The address without user and password, to be shown. */
export function redactSmtpUrl(text: string): string {
  try {
    const { host, port, secure, user } = parseSmtpUrl(text);
    return `${secure ? 'smtps' : 'smtp'}://${user === undefined ? '' : '…@'}${host.includes(':') ? `[${host}]` : host}:${port}`;
  } catch {
    return '…';
  }
}
