import type { SignatureView } from '#shared/api/pushPolicies';
import { parseSignature } from '../git/objects/commitObject';
import type { Keyring, Signer, SigningKey } from './keyring';
import { pgpIssuers, verifyPgpSignature } from './pgpSignature';
import { type SignedObject, splitSignedCommit, splitSignedTag } from './signedObject';
import { parseSshSignature, verifySshSignature } from './sshSignature';

/** Who signed a commit or tag, and whether that holds; `unsigned` where nobody did. */
export async function verifyObject(keyring: Keyring, type: 'commit' | 'tag', content: Buffer): Promise<SignatureView> {
  const signed = type === 'commit' ? splitSignedCommit(content) : splitSignedTag(content);
  if (signed === undefined) return { state: 'unsigned', reason: `This ${type} is not signed.` };
  const by = identityOf(content, type === 'commit' ? 'committer' : 'tagger');
  switch (signed.format) {
    case 'ssh':
      return verifySsh(keyring, signed, by);
    case 'openpgp':
      return verifyPgp(keyring, signed, by);
    case 'x509':
    case 'unknown':
      return { state: 'unsupported', reason: 'It is signed in a way that is not verified here: sign with an SSH key or with GPG.' };
  }
}

interface Identity {
  readonly email: string;
  readonly timeMs: number;
}

function verifySsh(keyring: Keyring, signed: SignedObject, by: Identity): SignatureView {
  const signature = parseSshSignature(signed.signature);
  if (signature === undefined) return bad('It cannot be read.');
  const key = { type: 'ssh' as const, id: signature.fingerprint };
  if (signature.namespace !== 'git') return { ...bad(`It was made for "${signature.namespace.slice(0, 40)}", not for git.`), key };
  if (keyring.forge.has(signature.fingerprint)) {
    return verifySshSignature(signature, signed.payload)
      ? { state: 'verified', key, signer: { kind: 'forge', name: 'kradle', displayName: 'Kradle' }, reason: 'This server made it, and signed it with its own key.' }
      : { ...bad('It says that this server signed it, and what it holds is something else.'), key };
  }
  const known = keyring.ssh.get(signature.fingerprint);
  if (known === undefined) return { state: 'unknown-key', key, reason: `No member has the key ${signature.fingerprint} for signing.` };
  if (!verifySshSignature(signature, signed.payload)) return { ...bad('What was signed is not what is here.'), key };
  return judgeSigner(keyring, { key, known }, by);
}

async function verifyPgp(keyring: Keyring, signed: SignedObject, by: Identity): Promise<SignatureView> {
  const issuers = await pgpIssuers(signed.signature);
  const [id] = issuers ?? [];
  if (issuers === undefined || id === undefined) return bad('It cannot be read.');
  const key = { type: 'openpgp' as const, id };
  if (issuers.length > 1) return { ...bad('It holds more than one signature.'), key };
  const known = await keyring.pgp(id);
  if (known === undefined) return { state: 'unknown-key', key, reason: `No member has the GPG key ${id}.` };
  const verdict = await verifyPgpSignature(signed.signature, signed.payload, known.pgp);
  if (verdict === 'bad') return { ...bad('What was signed is not what is here, or the signature is too weak.'), key };
  if (verdict !== 'good') return { state: verdict, key, signer: signerView(keyring, known), reason: verdict === 'expired-key' ? `The GPG key ${id} had expired when it was made.` : `The GPG key ${id} was revoked.` };
  return judgeSigner(keyring, { key, known: { ...known, revoked: known.revoked || known.pgp.revoked } }, by);
}

/** The bytes fit the key; whether that says who it was depends on the key's owner. */
function judgeSigner(keyring: Keyring, { key, known }: { key: NonNullable<SignatureView['key']>; known: SigningKey }, by: Identity): SignatureView {
  const signer = signerView(keyring, known);
  const person: Signer | undefined = keyring.people.get(known.owner);
  const who = person?.displayName ?? known.owner;
  if (known.revoked) return { state: 'revoked-key', key, signer, reason: `${who} has revoked the key ${known.name}.` };
  if (known.expiresAt !== undefined && known.expiresAt <= by.timeMs) return { state: 'expired-key', key, signer, reason: `The key ${known.name} of ${who} had expired when it was made.` };
  if (person === undefined || person.disabled) return { state: 'not-a-member', key, signer, reason: `The key ${known.name} belongs to ${who}, who is no member here.` };
  if (!person.emails.has(by.email.toLowerCase())) {
    return { state: 'wrong-email', key, signer, reason: `${who} signed it, and the committer's address ${by.email} is not theirs: set user.email to ${[...person.emails][0] ?? 'the address of the account'}.` };
  }
  return { state: 'verified', key, signer, reason: `${who} signed it.` };
}

function signerView(keyring: Keyring, { owner, name }: SigningKey): NonNullable<SignatureView['signer']> {
  return { kind: 'user', name: owner, displayName: keyring.people.get(owner)?.displayName ?? owner, keyName: name };
}

function bad(detail: string): SignatureView {
  return { state: 'bad', reason: `The signature is not good. ${detail}` };
}

function identityOf(content: Buffer, header: 'committer' | 'tagger'): Identity {
  const end = content.indexOf('\n\n');
  const line = content.toString('utf8', 0, end < 0 ? content.length : end).split('\n').find((each) => each.startsWith(`${header} `));
  const { email, date } = parseSignature(line?.slice(header.length + 1) ?? '');
  return { email, timeMs: Date.parse(date) };
}
