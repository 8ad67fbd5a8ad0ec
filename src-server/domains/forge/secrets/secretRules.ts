import { crc32 } from 'node:zlib';

/** What a rule finds: something that is surely a secret is refused where a policy refuses secrets; what only looks like one is told. */
export type SecretSeverity = 'block' | 'warn';

export interface SecretMatch {
  /** What the pattern found; the first group, where it has one, is the secret. */
  readonly match: RegExpExecArray;
  readonly secret: string;
  /** The text behind the match, some hundred characters. */
  readonly after: string;
}

/** One kind of secret. Patterns have no repetition within a repetition: their time grows with the text, and no more. */
export interface SecretRule {
  readonly id: string;
  /** With its article, to follow "looks like". */
  readonly title: string;
  /** One of these stands in every match, in any case: only where one does is the pattern tried. */
  readonly keywords: readonly string[];
  /** Global, over one line. */
  readonly pattern: RegExp;
  readonly severity: SecretSeverity;
  /** Bits for each character of the secret, below which it is none. */
  readonly minEntropy?: number;
  /** Another severity, or undefined: it is none after all. */
  check?(found: SecretMatch): SecretSeverity | undefined;
}

const WORD_START = '(?<![A-Za-z0-9_])';
const WORD_END = '(?![A-Za-z0-9_])';

function token(id: string, title: string, opts: { keywords: readonly string[]; body: string; severity?: SecretSeverity } & Partial<Pick<SecretRule, 'check' | 'minEntropy'>>): SecretRule {
  const { keywords, body, severity = 'block', ...rest } = opts;
  return { id, title, keywords, pattern: new RegExp(`${WORD_START}(${body})${WORD_END}`, 'g'), severity, minEntropy: 2.5, ...rest };
}

/** The last six characters of GitHub's and npm's tokens are a checksum; one that does not fit was made up, which is worth a word. */
const checked = ({ secret }: SecretMatch): SecretSeverity => (hasChecksum(secret.slice(secret.indexOf('_') + 1)) ? 'block' : 'warn');

export const SECRET_RULES: readonly SecretRule[] = [
  { id: 'private-key', title: 'a private key', keywords: ['PRIVATE KEY'], pattern: /-----BEGIN ([A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)-----/g, severity: 'block', check: checkPrivateKey },
  { id: 'putty-key', title: 'a private key of PuTTY', keywords: ['PuTTY-User-Key-File'], pattern: /PuTTY-User-Key-File-[23]: ([a-z0-9-]{5,40})/g, severity: 'block' },
  token('age-key', 'a private key of age', { keywords: ['AGE-SECRET-KEY-1'], body: 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}' }),

  token('github-token', 'a token of GitHub', { keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], body: 'gh[pousr]_[A-Za-z0-9]{36}', check: checked }),
  token('github-fine-grained-token', 'a token of GitHub', { keywords: ['github_pat_'], body: 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}' }),
  token('gitlab-token', 'a token of GitLab', { keywords: ['glpat-', 'glptt-', 'gldt-', 'glrt-'], body: 'gl(?:pat|ptt|dt|rt)-[A-Za-z0-9_-]{20,64}' }),
  token('kradle-token', 'a token of Kradle', { keywords: ['kradle_pat_', 'kradle_sat_', 'kradle_run_'], body: 'kradle_(?:pat|sat|run)_[A-Za-z0-9_.-]{20,400}' }),
  token('npm-token', 'a token of npm', { keywords: ['npm_'], body: 'npm_[A-Za-z0-9]{36}', check: checked }),
  token('npmrc-auth', 'a token for an npm registry', { keywords: [':_authToken'], body: '(?<=:_authToken[ ]?=[ ]?"?)[A-Za-z0-9_=-]{20,200}', check: ({ secret }) => (secret.startsWith('npm_') ? undefined : 'block') }),
  token('pypi-token', 'a token of PyPI', { keywords: ['pypi-AgE'], body: 'pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZ)[A-Za-z0-9_-]{50,500}' }),
  token('rubygems-token', 'a key of RubyGems', { keywords: ['rubygems_'], body: 'rubygems_[a-f0-9]{48}' }),
  token('docker-token', 'a token of Docker Hub', { keywords: ['dckr_pat_', 'dckr_oat_'], body: 'dckr_[po]at_[A-Za-z0-9_-]{27,40}' }),

  token('aws-access-key', 'an access key of AWS', { keywords: ['AKIA', 'ASIA'], body: 'A(?:KIA|SIA)[A-Z2-7]{16}', minEntropy: 3 }),
  {
    id: 'aws-secret-key', title: 'a secret access key of AWS', keywords: ['aws_secret', 'secret_access_key', 'secretAccessKey', 'aws_secret_access_key'], severity: 'block', minEntropy: 4.2,
    pattern: /(?:aws_secret|secret_?access_?key)\w{0,20}["']?[ \t]{0,8}(?:=>|:=|=|:)[ \t]{0,8}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  token('gcp-api-key', 'an API key of Google Cloud', { keywords: ['AIza'], body: 'AIza[A-Za-z0-9_-]{35}', minEntropy: 3.5 }),
  token('google-oauth-secret', 'a client secret of Google', { keywords: ['GOCSPX-'], body: 'GOCSPX-[A-Za-z0-9_-]{28}' }),
  { id: 'azure-storage-key', title: 'a storage key of Azure', keywords: ['AccountKey='], pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/g, severity: 'block', minEntropy: 4 },
  token('digitalocean-token', 'a token of DigitalOcean', { keywords: ['dop_v1_', 'doo_v1_', 'dor_v1_'], body: 'do[por]_v1_[a-f0-9]{64}' }),
  token('vault-token', 'a token of Vault', { keywords: ['hvs.', 'hvb.'], body: 'hv[sb]\\.[A-Za-z0-9_-]{90,300}' }),
  token('terraform-token', 'a token of Terraform Cloud', { keywords: ['.atlasv1.'], body: '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}' }),
  token('databricks-token', 'a token of Databricks', { keywords: ['dapi'], body: 'dapi[a-f0-9]{32}(?:-\\d)?' }),

  token('slack-token', 'a token of Slack', { keywords: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xapp-'], body: '(?:xox[bpars]-\\d{8,14}-[A-Za-z0-9-]{16,200}|xapp-\\d-[A-Z0-9]{8,14}-\\d{8,16}-[a-f0-9]{32,128})' }),
  { id: 'slack-webhook', title: 'an address of a Slack webhook', keywords: ['hooks.slack.com'], pattern: /hooks\.slack\.com\/(?:services|workflows)\/(T[A-Z0-9]{6,14}\/[AB][A-Z0-9]{6,14}\/[A-Za-z0-9]{20,30})/g, severity: 'block', minEntropy: 3 },
  token('discord-token', 'a token of a Discord bot', { keywords: ['discord'], body: '(?<=[Dd](?:iscord|ISCORD)[^\\n]{0,40}["\'= ])[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}' }),
  token('telegram-token', 'a token of a Telegram bot', { keywords: [':AA'], body: '\\d{8,10}:AA[A-Za-z0-9_-]{33}', minEntropy: 3.5 }),
  token('twilio-key', 'a key of Twilio', { keywords: ['twilio'], body: '(?<=[Tt](?:wilio|WILIO)[^\\n]{0,40}["\'= ])SK[a-f0-9]{32}' }),
  token('sendgrid-key', 'an API key of SendGrid', { keywords: ['SG.'], body: 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}' }),
  token('mailgun-key', 'an API key of Mailgun', { keywords: ['mailgun'], body: '(?<=[Mm](?:ailgun|AILGUN)[^\\n]{0,40}["\'= ])key-[a-f0-9]{32}' }),

  token('stripe-key', 'a live key of Stripe', { keywords: ['sk_live_', 'rk_live_'], body: '[sr]k_live_[A-Za-z0-9]{16,200}', minEntropy: 3 }),
  token('stripe-test-key', 'a test key of Stripe', { keywords: ['sk_test_', 'rk_test_'], body: '[sr]k_test_[A-Za-z0-9]{16,200}', minEntropy: 3, severity: 'warn' }),
  token('stripe-webhook-secret', 'a webhook secret of Stripe', { keywords: ['whsec_'], body: 'whsec_[A-Za-z0-9+/]{32,64}', minEntropy: 3.5 }),
  token('square-token', 'a token of Square', { keywords: ['EAAA', 'sq0csp-'], body: '(?:sq0csp-[A-Za-z0-9_-]{43}|EAAA[A-Za-z0-9_-]{60})', minEntropy: 4 }),
  token('shopify-token', 'a token of Shopify', { keywords: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], body: 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}' }),

  token('openai-key', 'an API key of OpenAI', { keywords: ['T3BlbkFJ'], body: 'sk-(?:[a-z]{2,10}-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}' }),
  token('anthropic-key', 'an API key of Anthropic', { keywords: ['sk-ant-'], body: 'sk-ant-(?:api|admin)\\d\\d-[A-Za-z0-9_-]{80,120}' }),
  token('huggingface-token', 'a token of Hugging Face', { keywords: ['hf_'], body: 'hf_[A-Za-z]{34}', minEntropy: 3.5 }),
  token('linear-key', 'an API key of Linear', { keywords: ['lin_api_'], body: 'lin_api_[A-Za-z0-9]{40}' }),
  token('grafana-token', 'a token of Grafana', { keywords: ['glsa_', 'glc_eyJ'], body: '(?:glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_eyJ[A-Za-z0-9+/=]{40,400})' }),
  token('postman-key', 'an API key of Postman', { keywords: ['PMAK-'], body: 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}' }),
  token('doppler-token', 'a token of Doppler', { keywords: ['dp.st.', 'dp.pt.', 'dp.ct.'], body: 'dp\\.[spc]t\\.(?:[a-z0-9_-]{2,35}\\.)?[A-Za-z0-9]{40,44}' }),

  { id: 'jwt', title: 'a signed token (JWT)', keywords: ['eyJ'], pattern: /(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,3000}\.[A-Za-z0-9_-]{20,1000})/g, severity: 'warn', check: checkJwt },
  { id: 'url-password', title: 'a password in an address', keywords: ['://'], pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'<>]{1,100}:([^\s@/"'<>]{6,200})@[A-Za-z0-9.-]{3,253}/gi, severity: 'warn', minEntropy: 2.5, check: checkPassword },
  {
    id: 'generic-secret', title: 'a secret', keywords: ['passw', 'secret', 'token', 'api_key', 'apikey', 'api-key', 'credential', 'private_key'], severity: 'warn', minEntropy: 3.6,
    pattern: /(?:passw(?:or)?d|secret|token|api[_-]?key|credentials?|private_key)\w{0,20}["']?[ \t]{0,8}(?:=>|:=|=|:)[ \t]{0,8}["']([^"'\s]{16,200})["']/gi, check: checkGeneric,
  },
];

function hasChecksum(body: string): boolean {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let rest = crc32(body.slice(0, -6));
  let text = '';
  for (let count = 0; count < 6; count += 1) {
    text = `${digits[rest % 62] ?? ''}${text}`;
    rest = Math.floor(rest / 62);
  }
  return body.endsWith(text);
}

/** Documents name the header alone; a key has its lines behind it. One with a passphrase is no use to anybody else. */
function checkPrivateKey({ match, after }: SecretMatch): SecretSeverity | undefined {
  const encrypted = (match[1] ?? '').includes('ENCRYPTED') || /^[\s\\rn"',]*Proc-Type: 4,ENCRYPTED/.test(after);
  const body = after
    .replace(/\\[rn]/g, '\n')
    .split('\n')
    .filter((line) => !/^\s*[A-Za-z][A-Za-z-]{2,20}: /.test(line))
    .join('')
    .replace(/[\s"'+,;>#*/\\]|<br>/g, '');
  const keyed = /^[A-Za-z0-9=]{40}/.test(body);
  return keyed ? (encrypted ? 'warn' : 'block') : undefined;
}

function checkJwt({ secret }: SecretMatch): SecretSeverity | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(secret.split('.')[0] ?? '', 'base64url').toString());
    const signed = typeof header === 'object' && header !== null && 'alg' in header && header.alg !== 'none';
    return signed ? 'warn' : undefined;
  } catch {
    return undefined;
  }
}

const NO_PASSWORD = /^(?:password|passwd|secret|pass|user(?:name)?|changeme|postgres|admin|root|example|token|x+|\*+|\.+|\$.*|%.*|<.*|\{.*|\[.*)$/i;

function checkPassword({ secret }: SecretMatch): SecretSeverity | undefined {
  return NO_PASSWORD.test(secret) || /[${}<>*]|%[({]/.test(secret) ? undefined : 'warn';
}

/** Names, paths and expressions are no secrets, though they stand where one would. */
function checkGeneric({ secret }: SecretMatch): SecretSeverity | undefined {
  if (/[${}<>()[\]*]|^[a-z]+[A-Z][a-zA-Z]*$|^[a-z]+(?:[-_./:][a-z]+)*$|^[A-Z]+(?:_[A-Z]+)*$|^https?:|^\/|\.{3}/.test(secret)) return undefined;
  // Words have no digits, and keys have.
  return /\d/.test(secret) && /[A-Za-z]/.test(secret) ? 'warn' : undefined;
}
