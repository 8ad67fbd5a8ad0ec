import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CliError, EXIT } from './exitCode';
import { safeText } from './terminalText';

/** What the server answers to a program that asks for a code. Source: RFC 8628, section 3.2. */
const deviceCode = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(1),
  verification_uri: z.url(),
  verification_uri_complete: z.url().optional(),
  expires_in: z.number().positive(),
  /** Seconds between two questions; five unless the server says. */
  interval: z.number().positive().default(5),
});
const granted = z.object({ access_token: z.string().min(1) });
const refused = z.object({ error: z.string(), error_description: z.string().optional() });

export type DeviceCode = z.output<typeof deviceCode>;

/** Kradle's command line needs no registration: the code that a person approves says enough. */
const CLIENT_ID = 'kradle-cli';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

export interface DeviceSignIn {
  /** Shows the person where to go and what to type. */
  readonly show: (code: DeviceCode) => void;
  readonly signal: AbortSignal;
  /** What the token will be called in the list of one's tokens. */
  readonly title: string;
}

/**
 * Signs in by a browser that may be on another machine (RFC 8628): asks for a code, shows it, and waits until somebody who is signed in
 * has approved it. Answers the access token.
 *
 * @throws CliError when it was denied, was not answered in time, or the server has no such sign-in.
 */
export async function signInByDevice(url: string, opts: DeviceSignIn): Promise<string> {
  const asked = await post(`${url}/api/device/code`, { title: opts.title }, opts.signal);
  if (!asked.ok) {
    throw new CliError(`${url} does not take a sign-in from the command line (${asked.status}).`, { exitCode: EXIT.unreachable, hint: 'Make a token in the console, under your name, and hand it over: kradle login URL --with-token.' });
  }
  const code = read(deviceCode, asked.body, url);
  opts.show(code);
  const until = Date.now() + code.expires_in * 1000;
  for (let waitSeconds = code.interval; Date.now() < until; ) {
    await delay(waitSeconds * 1000, undefined, { signal: opts.signal });
    const answer = await post(`${url}/api/device/token`, { grant_type: GRANT_TYPE, device_code: code.device_code }, opts.signal);
    if (answer.ok) return read(granted, answer.body, url).access_token;
    const { error, error_description: description } = read(refused, answer.body, url);
    if (error === 'slow_down') waitSeconds += 5;
    else if (error === 'access_denied') throw new CliError('The sign-in was denied in the browser.', { exitCode: EXIT.unreachable });
    else if (error === 'expired_token') break;
    else if (error !== 'authorization_pending') throw new CliError(`${url} refused the sign-in: ${safeText(description ?? error)}`, { exitCode: EXIT.unreachable });
  }
  throw new CliError('Nobody approved the sign-in in time.', { exitCode: EXIT.unreachable, hint: 'Run "kradle login" again; the code is good for some minutes.' });
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

async function post(url: string, fields: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(url, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams({ client_id: CLIENT_ID, ...fields }), redirect: 'error', signal });
    return { ok: response.ok, status: response.status, body: await response.json().catch(() => undefined) };
  } catch (cause) {
    if (signal.aborted) throw new CliError('The sign-in was given up.', { exitCode: EXIT.interrupted, cause });
    throw new CliError(`${new URL(url).origin} does not answer.`, { exitCode: EXIT.unreachable, hint: 'Check the address; a server with a certificate of its own needs NODE_EXTRA_CA_CERTS=ca.pem, the file tls/ca.pem of its data folder.', cause });
  }
}

function read<TSchema extends z.ZodType>(schema: TSchema, body: unknown, url: string): z.output<TSchema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CliError(`${url} answered what is no sign-in.`, { exitCode: EXIT.unreachable, hint: 'Is it the address of a Kradle server?' });
}
