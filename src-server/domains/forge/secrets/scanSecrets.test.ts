import { createHash, generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECRET_RULES } from './secretRules';
import { scanSecrets } from './scanSecrets';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The same characters for the same seed, so that no secret stands in this file and no test is a matter of luck. */
function characters(seed: string, length: number, alphabet = BASE62): string {
  let text = '';
  for (let round = 0; text.length < length; round += 1) for (const byte of createHash('sha256').update(`${seed} ${round}`).digest()) text += alphabet[byte % alphabet.length] ?? '';
  return text.slice(0, length);
}

function withChecksum(prefix: string, seed: string): string {
  const body = characters(seed, 30);
  let rest = crc32(body);
  let sum = '';
  for (let count = 0; count < 6; count += 1) {
    sum = `${BASE62[rest % 62] ?? ''}${sum}`;
    rest = Math.floor(rest / 62);
  }
  return `${prefix}${body}${sum}`;
}

const HEX = '0123456789abcdef';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pem = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
const jwt = [JSON.stringify({ alg: 'HS256', typ: 'JWT' }), JSON.stringify({ sub: '42', name: 'Ada' })].map((part) => Buffer.from(part).toString('base64url')).join('.');

/** What each rule has to find. */
const SECRETS: Readonly<Record<string, string>> = {
  'private-key': pem,
  'putty-key': `PuTTY-User-Key-File-${'3'}: ssh-ed25519`,
  'age-key': `AGE-SECRET-KEY-1${characters('age', 58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}`,
  'github-token': withChecksum('ghp_', 'a'),
  'github-fine-grained-token': `github_pat_${characters('b', 22)}_${characters('c', 59)}`,
  'gitlab-token': `glpat-${characters('d', 20)}`,
  'kradle-token': `kradle_pat_${characters('e', 40)}`,
  'npm-token': withChecksum('npm_', 'f'),
  'npmrc-auth': `//registry.acme.dev/:_authToken=${characters('g', 36)}`,
  'pypi-token': `pypi-AgEIcHlwaS5vcmc${characters('h', 120)}`,
  'rubygems-token': `rubygems_${characters('i', 48, HEX)}`,
  'docker-token': `dckr_pat_${characters('j', 27)}`,
  'aws-access-key': `AKIA${characters('k', 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
  'aws-secret-key': `aws_secret_access_key = ${characters('l', 40, `${BASE62}/+`)}`,
  'gcp-api-key': `AIza${characters('m', 35)}`,
  'google-oauth-secret': `GOCSPX-${characters('n', 28)}`,
  'azure-storage-key': `AccountName=a;AccountKey=${characters('o', 86)}==;`,
  'digitalocean-token': `dop_v1_${characters('p', 64, HEX)}`,
  'vault-token': `hvs.${characters('q', 95)}`,
  'terraform-token': `${characters('r', 14)}.atlasv1.${characters('s', 64)}`,
  'databricks-token': `dapi${characters('t', 32, HEX)}`,
  'slack-token': `xoxb-${characters('u', 12, '0123456789')}-${characters('v', 24)}`,
  'slack-webhook': `https://hooks.slack.com/services/T${characters('w', 9, 'ABCDEFGH12345678')}/B${characters('x', 9, 'ABCDEFGH12345678')}/${characters('y', 24)}`,
  'discord-token': `DISCORD_TOKEN="M${characters('z', 25)}.${characters('A', 6)}.${characters('B', 32)}"`,
  'telegram-token': `${characters('C', 9, '123456789')}:AA${characters('D', 33)}`,
  'twilio-key': `twilio_key = "SK${characters('E', 32, HEX)}"`,
  'sendgrid-key': `SG.${characters('F', 22)}.${characters('G', 43)}`,
  'mailgun-key': `mailgun: key-${characters('H', 32, HEX)}`,
  'stripe-key': `sk_live_${characters('I', 24)}`,
  'stripe-test-key': `sk_test_${characters('J', 24)}`,
  'stripe-webhook-secret': `whsec_${characters('K', 32)}`,
  'square-token': `EAAA${characters('L', 60)}`,
  'shopify-token': `shpat_${characters('M', 32, HEX)}`,
  'openai-key': `sk-proj-${characters('N', 24)}T3BlbkFJ${characters('O', 24)}`,
  'anthropic-key': `sk-ant-api03-${characters('P', 95)}`,
  'huggingface-token': `hf_${characters('Q', 34, BASE62.slice(10))}`,
  'linear-key': `lin_api_${characters('R', 40)}`,
  'grafana-token': `glsa_${characters('S', 32)}_${characters('T', 8, HEX)}`,
  'postman-key': `PMAK-${characters('U', 24, HEX)}-${characters('V', 34, HEX)}`,
  'doppler-token': `dp.st.dev.${characters('W', 43)}`,
  jwt: `${jwt}.${characters('X', 43)}`,
  'url-password': `postgres://app:${characters('Y', 20)}@db.internal:5432/app`,
  'generic-secret': `const apiToken = "${characters('Z', 28)}7a";`,
};

const rulesIn = async (text: string) => (await scanSecrets(Buffer.from(text))).map(({ rule }) => rule);

describe('scanSecrets', () => {
  it('has an example of every rule', () => {
    expect(Object.keys(SECRETS).sort()).toEqual(SECRET_RULES.map(({ id }) => id).sort());
  });

  it.each(Object.entries(SECRETS))('finds %s, on its line', async (rule, secret) => {
    const found = await scanSecrets(Buffer.from(`# settings\n\n${secret}\nlast\n`));
    expect(found).toContainEqual(expect.objectContaining({ rule, line: 3 }));
    expect(JSON.stringify(found)).not.toContain(secret.slice(-20, -1));
  });

  it('tells what was made up from what is real', async () => {
    const real = SECRETS['github-token'] ?? '';
    const severity = async (text: string) => (await scanSecrets(Buffer.from(text))).map((each) => each.severity);
    expect(await severity(real)).toEqual(['block']);
    expect(await severity(`${real.slice(0, -1)}${real.endsWith('a') ? 'b' : 'a'}`)).toEqual(['warn']);
    expect(await severity('AKIAIOSFODNN7EXAMPLE and ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')).toEqual([]);
    expect(await severity('-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----')).toEqual([]);
    expect(await severity(rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString())).toEqual(['warn']);
    expect(await severity(JSON.stringify({ private_key: pem }))).toContain('block');
  });

  it.each([
    'password = "${DB_PASSWORD}"', 'const token = "readNextToken"', 'secret: "my-app-secrets"', 'api_key = os.environ["API_KEY"]', 'postgres://user:password@localhost/db', 'https://user:${TOKEN}@host/x',
    'tokenUrl: "https://login.example.org/oauth2/token"', 'secretName: "kubernetes.io/service-account"', 'integrity sha512-abc', 'AKIA', 'sk_live_', '-----BEGIN PUBLIC KEY-----',
  ])('leaves %s alone', async (text) => {
    expect(await rulesIn(text)).toEqual([]);
  });

  it('takes a comment on the line or above it for an answer', async () => {
    const secret = SECRETS['stripe-key'] ?? '';
    expect(await rulesIn(`a = "${secret}" # kradle:allow-secret: revoked`)).toEqual([]);
    expect(await rulesIn(`// gitleaks:allow\na = "${secret}"`)).toEqual([]);
    expect(await rulesIn(`// gitleaks:allow\n\na = "${secret}"`)).not.toEqual([]);
  });

  it('leaves out the rules that it is told to, and what is no text', async () => {
    expect(await scanSecrets(Buffer.from(SECRETS.jwt ?? ''), { disabledRules: ['jwt'] })).toEqual([]);
    expect(await rulesIn(`\0${SECRETS['stripe-key'] ?? ''}`)).toEqual([]);
    expect(await scanSecrets(Buffer.from(`\ufeff${SECRETS['stripe-key'] ?? ''}`, 'utf16le'))).toHaveLength(1);
  });

  it('finds a secret wherever it stands in a text of any length, once', async () => {
    const secret = SECRETS['aws-access-key'] ?? '';
    const lines = fc.array(fc.string({ maxLength: 200 }).map((line) => line.replace(/[\n\r\0]|allow/g, ' ')), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(lines, lines, fc.integer({ min: 0, max: 300_000 }), async (above, below, filler) => {
        const before = `${' .'.repeat(filler / 2)}\n${above.map((line) => `${line}\n`).join('')}`;
        const found = await scanSecrets(Buffer.from(`${before}key ${secret} end\n${below.join('\n')}`));
        expect(found.filter(({ rule }) => rule === 'aws-access-key')).toEqual([expect.objectContaining({ line: before.split('\n').length })]);
      }),
      { numRuns: 60 },
    );
  });

  it('answers for any bytes', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => void (await scanSecrets(Buffer.from(bytes)))));
  });

  it.each(['AKIA', 'password', 'ghp_', 'eyJ', '://', 'secret=', '-----BEGIN PRIVATE KEY-----', 'aws_secret_access_key: ', 'a://b:c', 'discord ', ':_authToken=', 'eyJ.eyJ.', 'token\\"\t', 'T3BlbkFJ', '\n', 'x'])(
    'takes no longer over %j again and again',
    async (text) => {
      const content = Buffer.from(text.repeat(Math.ceil(1_000_000 / text.length)));
      const started = performance.now();
      await scanSecrets(content);
      expect(performance.now() - started).toBeLessThan(3000);
    },
  );
});
