import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import { parseNetwork } from '../http/networks';
import { readRanges } from '../http/safeAddress';
import { DEFAULT_MAX_OBJECTS } from '../resources/objectQuota';
import { parseSmtpUrl, redactSmtpUrl } from '../domains/identity/mail/smtpUrl';
import { parsePostgresUrl, redactPostgresUrl } from '../store/sql/postgres/postgresUrl';

const port = z.coerce.number().int().min(0).max(65_535);
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const hostList = z.union([z.string().transform((value) => value.split(',').map((each) => each.trim()).filter(Boolean)), z.array(z.string())]);

const networkList = hostList.superRefine((texts, context) => {
  for (const text of texts) if (parseNetwork(text) === undefined) context.addIssue({ code: 'custom', message: `"${text}" is neither an address nor a network such as 10.0.0.0/8` });
});
const flag = z.union([z.boolean(), z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')]);
const addressList = hostList.superRefine((texts, context) => {
  try {
    readRanges(texts);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});

/** Its own reader says what is wrong; nothing here repeats what was given, because a password may be in it. */
function readBy(read: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** Every setting: its check, its environment variable and what it means. The one list; `kradle config` prints it. */
export const SETTINGS = {
  host: { env: 'KRADLE_HOST', schema: z.string().min(1), fallback: '127.0.0.1', help: 'Address to listen on; anything but loopback opens Kradle to the network.' },
  port: { env: 'KRADLE_PORT', schema: port, fallback: 3080, help: 'TCP port; 0 takes a free one.' },
  sshPort: { env: 'KRADLE_SSH_PORT', schema: z.union([z.literal('off'), port]), fallback: undefined, help: 'TCP port of git over SSH; 0 takes a free one, off serves no SSH. Unless said, 3022, or a free one when that is taken.' },
  sshHost: { env: 'KRADLE_SSH_HOST', schema: z.string().min(1), fallback: undefined, help: 'Address that git over SSH listens on; host unless said.' },
  sshPublicAddress: { env: 'KRADLE_SSH_PUBLIC_ADDRESS', schema: z.string().max(255).regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[1-9]\d{0,4})?$/, 'must be HOST or HOST:PORT'), fallback: undefined, help: 'HOST or HOST:PORT that people reach git over SSH by, when it is another than publicUrl\'s host and sshPort; without PORT, 22.' },
  dataDir: { env: 'KRADLE_DATA_DIR', schema: z.string().min(1), fallback: join(homedir(), '.kradle'), help: 'Folder that holds the database, repositories, workspaces, blobs and keys.' },
  databaseUrl: { env: 'KRADLE_DATABASE_URL', schema: readBy(parsePostgresUrl), fallback: undefined, redact: redactPostgresUrl, help: 'Postgres that holds all objects, as postgres://USER:PASSWORD@HOST:PORT/DATABASE; without it they are in the data folder, in SQLite.' },
  logLevel: { env: 'KRADLE_LOG_LEVEL', schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']), fallback: 'info', help: 'Lowest level that is logged, as JSON lines on standard error.' },
  publicUrl: { env: 'KRADLE_PUBLIC_URL', schema: z.url(), fallback: undefined, help: 'Address that people and git reach the server by, when a proxy stands in front.' },
  allowedHosts: { env: 'KRADLE_ALLOWED_HOSTS', schema: hostList, fallback: [] as string[], help: 'Further Host names that are answered, comma-separated; loopback names always are.' },
  adminUsername: { env: 'KRADLE_ADMIN_USERNAME', schema: z.string().min(1).max(100), fallback: undefined, help: 'Login that becomes the installation\'s administrator when somebody signs in under it for the first time.' },
  trustedProxies: { env: 'KRADLE_TRUSTED_PROXIES', schema: networkList, fallback: [] as string[], help: 'Addresses and networks of the proxies in front of the server, comma-separated; what they say in X-Forwarded-For is believed.' },
  sessionIdleHours: { env: 'KRADLE_SESSION_IDLE_HOURS', schema: count(1, 24 * 366), fallback: 7 * 24, help: 'Hours without use after which a browser is signed out.' },
  sessionMaxDays: { env: 'KRADLE_SESSION_MAX_DAYS', schema: count(1, 366), fallback: 30, help: 'Days after which a browser is signed out although it is used.' },
  maxTokenDays: { env: 'KRADLE_MAX_TOKEN_DAYS', schema: count(0, 36_500), fallback: 366, help: 'Longest life of an access token, in days; 0 lets tokens live for ever.' },
  oidcIssuer: { env: 'KRADLE_OIDC_ISSUER', schema: z.url(), fallback: undefined, help: 'OpenID provider that people sign in by, without an AuthProvider object: its issuer.' },
  oidcClientId: { env: 'KRADLE_OIDC_CLIENT_ID', schema: z.string().min(1), fallback: undefined, help: 'This installation\'s id at oidcIssuer.' },
  oidcClientSecret: { env: 'KRADLE_OIDC_CLIENT_SECRET', schema: z.string().min(1), fallback: undefined, redact: () => '********', help: 'Its secret there.' },
  oidcDisplayName: { env: 'KRADLE_OIDC_DISPLAY_NAME', schema: z.string().min(1).max(200), fallback: 'single sign-on', help: 'What the sign-in page calls oidcIssuer: "Sign in with …".' },
  oidcScopes: { env: 'KRADLE_OIDC_SCOPES', schema: hostList, fallback: ['openid', 'email', 'profile'] as string[], help: 'What is asked of oidcIssuer, comma-separated.' },
  oidcUsernameClaim: { env: 'KRADLE_OIDC_USERNAME_CLAIM', schema: z.string().min(1).max(200), fallback: undefined, help: 'Claim that carries the login; preferred_username unless said.' },
  oidcGroupsClaim: { env: 'KRADLE_OIDC_GROUPS_CLAIM', schema: z.string().min(1).max(200), fallback: undefined, help: 'Claim that carries the groups; people get them in organization default.' },
  oidcAllowedDomains: { env: 'KRADLE_OIDC_ALLOWED_DOMAINS', schema: hostList, fallback: [] as string[], help: 'Domains of e-mail addresses that may sign in by oidcIssuer, comma-separated; empty means all.' },
  oidcAdminGroups: { env: 'KRADLE_OIDC_ADMIN_GROUPS', schema: hostList, fallback: [] as string[], help: 'Groups at oidcIssuer whose members are administrators of the installation, comma-separated.' },
  oidcCreateUsers: { env: 'KRADLE_OIDC_CREATE_USERS', schema: flag, fallback: false, help: 'Whoever signs in by oidcIssuer for the first time joins organization default; otherwise an invitation is needed.' },
  allowedAddresses: { env: 'KRADLE_ALLOWED_ADDRESSES', schema: addressList, fallback: [] as string[], help: 'Addresses and ranges (10.1.0.0/16) that imports, webhooks and sign-in providers may be at although they are not public, comma-separated.' },
  smtpUrl: { env: 'KRADLE_SMTP_URL', schema: readBy(parseSmtpUrl), fallback: undefined, redact: redactSmtpUrl, help: 'Mail server that invitations go out by, as smtp://USER:PASSWORD@HOST:PORT or smtps://…; without it they are handed on as links.' },
  mailFrom: { env: 'KRADLE_MAIL_FROM', schema: z.string().min(3).max(320).regex(/^[^\r\n]*@[^\r\n]*$/, 'must be an e-mail address, with or without a name: Kradle <kradle@example.com>'), fallback: undefined, help: 'Whom mails are from: Kradle <kradle@example.com>.' },
  tlsCert: { env: 'KRADLE_TLS_CERT', schema: z.string().min(1), fallback: undefined, help: 'File with the certificate chain that https is served with, PEM; otherwise Kradle signs its own.' },
  tlsKey: { env: 'KRADLE_TLS_KEY', schema: z.string().min(1), fallback: undefined, help: 'File with the private key of tlsCert, PEM.' },
  maxConcurrentRuns: { env: 'KRADLE_MAX_CONCURRENT_RUNS', schema: count(1, 256), fallback: 4, help: 'Agent runs that work at the same time; more wait in Queued.' },
  maxObjectsPerKind: { env: 'KRADLE_MAX_OBJECTS_PER_KIND', schema: count(1, 10_000_000), fallback: DEFAULT_MAX_OBJECTS, help: 'Objects of one kind that an organization may have; platform kinds count over all of them.' },
  maxPackBytes: { env: 'KRADLE_MAX_PACK_BYTES', schema: count(1024, Number.MAX_SAFE_INTEGER), fallback: 8 * 1024 ** 3, help: 'Largest push, in bytes.' },
  maxReleaseFileBytes: { env: 'KRADLE_MAX_RELEASE_FILE_BYTES', schema: count(1024, Number.MAX_SAFE_INTEGER), fallback: 2 * 1024 ** 3, help: 'Largest file of a release, in bytes.' },
  maxGitServices: { env: 'KRADLE_MAX_GIT_SERVICES', schema: count(1, 10_000), fallback: 32, help: 'Clones, fetches and pushes that are served at the same time; more wait a moment, and are told to come again when there are too many.' },
  maxLfsFileBytes: { env: 'KRADLE_MAX_LFS_FILE_BYTES', schema: count(1, Number.MAX_SAFE_INTEGER), fallback: 5 * 1024 ** 3, help: 'Largest file of Git LFS, in bytes.' },
  rateLimitPerActor: { env: 'KRADLE_RATE_LIMIT_PER_ACTOR', schema: count(0, 100_000_000), fallback: 120_000, help: 'Requests a minute that one person, service account or run may send to REST and the console\'s API; 0 is no limit.' },
  rateLimitPerAddress: { env: 'KRADLE_RATE_LIMIT_PER_ADDRESS', schema: count(0, 100_000_000), fallback: 240_000, help: 'Requests a minute that one address may send to REST and the console\'s API, signed in or not; 0 is no limit.' },
  auditRetentionDays: { env: 'KRADLE_AUDIT_RETENTION_DAYS', schema: count(1, 36_500), fallback: undefined, help: 'Days that the audit log is kept; without it, for ever.' },
  maxTranscriptBytes: { env: 'KRADLE_MAX_TRANSCRIPT_BYTES', schema: count(1024 * 1024, Number.MAX_SAFE_INTEGER), fallback: 1024 ** 3, help: 'Largest event stream of one run, in bytes; more fails the run.' },
} as const satisfies Record<string, { env: string; schema: z.ZodType; fallback: unknown; help: string; redact?: (value: string) => string }>;

type SettingName = keyof typeof SETTINGS;
export type Config = Readonly<{ [K in SettingName]: (typeof SETTINGS)[K]['fallback'] extends undefined ? z.output<(typeof SETTINGS)[K]['schema']> | undefined : z.output<(typeof SETTINGS)[K]['schema']> }>;
export type ConfigSource = 'flag' | 'environment' | 'file' | 'default';

export interface LoadedConfig {
  readonly config: Config;
  readonly sources: Readonly<Record<SettingName, ConfigSource>>;
  /** The file that was read, if any. */
  readonly file?: string;
}

export interface ConfigInputs {
  /** Values of command-line flags; undefined means not given. */
  readonly flags?: Partial<Record<SettingName, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the configuration: flags, then environment, then `<data-dir>/config.yaml`, then defaults. Throws `Invalid` with one cause a
 * wrong setting, naming where it came from.
 */
export async function loadConfig(inputs: ConfigInputs = {}): Promise<LoadedConfig> {
  const env = inputs.env ?? process.env;
  const flags = inputs.flags ?? {};
  const dataDir = resolve(String(flags.dataDir ?? (env.KRADLE_DATA_DIR || SETTINGS.dataDir.fallback)));
  const file = await readConfigFile(join(dataDir, 'config.yaml'));
  const values: Record<string, unknown> = {};
  const sources = {} as Record<SettingName, ConfigSource>;
  const causes: { code: string; field: string; message: string }[] = [];
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, (typeof SETTINGS)[SettingName]][]) {
    const [source, raw] = pick(name, { flags, env, file: file?.values });
    sources[name] = source;
    if (raw === undefined) continue;
    const parsed = setting.schema.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else causes.push({ code: 'FieldValueInvalid', field: source === 'environment' ? setting.env : name, message: `${describeSource(source, name)}: ${parsed.error.issues[0]?.message ?? 'is not valid'} (${setting.help})` });
  }
  for (const unknown of Object.keys(file?.values ?? {}).filter((key) => !(key in SETTINGS))) {
    causes.push({ code: 'FieldValueNotSupported', field: unknown, message: `config.yaml: there is no setting "${unknown}"; the settings are ${Object.keys(SETTINGS).join(', ')}` });
  }
  if (causes.length > 0) throw new StatusError('Invalid', `The configuration is not valid: ${causes.map((cause) => cause.message).join('; ')}`, { causes });
  return { config: Object.freeze({ ...values, dataDir }) as Config, sources, ...(file === undefined ? {} : { file: file.path }) };
}

function pick(name: SettingName, from: { flags: Partial<Record<SettingName, unknown>>; env: Readonly<Record<string, string | undefined>>; file?: Record<string, unknown> }): [ConfigSource, unknown] {
  if (from.flags[name] !== undefined) return ['flag', from.flags[name]];
  const variable = from.env[SETTINGS[name].env];
  if (variable !== undefined && variable !== '') return ['environment', variable];
  if (from.file?.[name] !== undefined) return ['file', from.file[name]];
  return ['default', SETTINGS[name].fallback];
}

function describeSource(source: ConfigSource, name: SettingName): string {
  if (source === 'environment') return SETTINGS[name].env;
  return source === 'flag' ? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}` : `${name} (${source})`;
}

async function readConfigFile(path: string): Promise<{ path: string; values: Record<string, unknown> } | undefined> {
  if (!existsSync(path)) return undefined;
  // Most data folders have none: the parser is loaded for those that do.
  const { readYaml } = await import('./readYaml');
  let values: unknown;
  try {
    const [document, another] = readYaml(readFileSync(path, 'utf8'));
    if (another !== undefined) throw new StatusError('BadRequest', `${another.line}: a second document begins here`);
    values = document?.value;
  } catch (cause) {
    throw new StatusError('Invalid', `config.yaml is not YAML: line ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (values === null || values === undefined) return { path, values: {} };
  if (typeof values !== 'object' || Array.isArray(values)) throw new StatusError('Invalid', 'config.yaml must be a mapping of settings to values');
  return { path, values: values as Record<string, unknown> };
}
