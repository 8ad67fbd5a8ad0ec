import { StatusError } from '#shared/api/status';

const MIN_LENGTH = 12;
/** More is no safer, and hashing it costs. */
const MAX_LENGTH = 200;

/** Those of twelve characters and more that lists of stolen passwords begin with; shorter ones fail by their length. */
const COMMONEST: ReadonlySet<string> = new Set([
  '123456789012', '1234567890123', '12345678901234', '123456789012345', '1234567890123456', '12345678910', '123456789123', '123123123123', '012345678901', '0123456789012', '987654321098', '098765432109',
  'password1234', 'password12345', 'password123456', 'passwordpassword', 'mypassword123', 'newpassword1', 'password2024', 'password2025', 'password2026', 'p@ssw0rd1234', 'p@ssword1234', 'passw0rd1234', 'passphrase123',
  'qwertyuiop12', 'qwertyuiop123', 'qwertyuiop[]', 'qwertyuiopasdf', 'qwerty123456', 'qwerty1234567', 'qwertyqwerty', '1q2w3e4r5t6y', '1q2w3e4r5t6y7u', '1qaz2wsx3edc', '1qaz2wsx3edc4rfv', 'zaq12wsxcde3', 'qazwsxedcrfv', 'asdfghjkl123', 'asdfasdfasdf', 'zxcvbnm12345', 'zxcvbnmasdfghjkl',
  'administrator', 'administrator1', 'admin1234567', 'adminadminadmin', 'rootrootroot', 'letmein12345', 'letmeinletmein', 'welcome12345', 'welcome123456', 'changeme1234', 'changemeplease', 'iloveyou1234', 'iloveyouforever', 'trustno1trustno1', 'sunshine1234', 'princess1234', 'football1234', 'baseball1234', 'superman1234', 'dragon123456', 'monkey123456', 'michael12345', 'abcdefghijkl', 'abcdefghijklm', 'abcdefghijklmnop', 'abc123abc123', 'abcd12345678', 'abcd1234abcd', 'correcthorsebatterystaple', 'correct horse battery staple', 'secretsecret', 'secret123456', 'temppassword', 'testtesttest', 'test12345678', 'kradlekradle', 'kradle123456', 'kradlepassword',
]);

/**
 * What makes a password too easy to guess. Source: NIST SP 800-63B, section 5.1.1.2: length and a list of known ones, no rules about
 * characters.
 *
 * @throws Invalid, naming the field.
 */
export function checkPasswordStrength(password: string, account: { readonly name: string; readonly email?: string | undefined; readonly displayName?: string | undefined }): void {
  const fault = faultOf(password, account);
  if (fault !== undefined) throw new StatusError('Invalid', `The password is not strong enough: ${fault}`, { code: 'PASSWORD_WEAK', causes: [{ code: 'FieldValueInvalid', field: 'password', message: fault }] });
}

function faultOf(password: string, { name, email, displayName }: Parameters<typeof checkPasswordStrength>[1]): string | undefined {
  const length = [...password].length;
  if (length < MIN_LENGTH) return `use at least ${MIN_LENGTH} characters; a few words make a good one`;
  if (length > MAX_LENGTH) return `use at most ${MAX_LENGTH} characters`;
  const text = password.toLowerCase();
  if (COMMONEST.has(text)) return 'it is among the passwords that are tried first';
  if (new Set(text).size < 5) return 'it has too few different characters';
  for (const own of [name, email?.split('@')[0], email, displayName]) {
    // What is left without the name must be a password of its own.
    if (own !== undefined && own.length >= 3 && text.includes(own.toLowerCase()) && text.replaceAll(own.toLowerCase(), '').length < MIN_LENGTH - 2) return 'it is little more than your own name';
  }
  return undefined;
}
