/** A commit or tag apart from its signature. */
export interface SignedObject {
  /** What was signed, byte by byte. */
  readonly payload: Buffer;
  /** Armored, as git keeps it. */
  readonly signature: string;
  readonly format: 'openpgp' | 'ssh' | 'x509' | 'unknown';
}

const LF = 0x0a;
const SPACE = 0x20;

/**
 * Takes a commit and its signature apart as git does (`parse_signed_commit`): the header `gpgsig` goes out of what was signed, and so does
 * the one for the other kind of object ids. Undefined where there is none.
 */
export function splitSignedCommit(content: Buffer): SignedObject | undefined {
  const kept: Buffer[] = [];
  const signature: string[] = [];
  let inside: 'own' | 'other' | undefined;
  let at = 0;
  while (at < content.length && content[at] !== LF) {
    const end = content.indexOf(LF, at);
    const line = content.subarray(at, end < 0 ? content.length : end + 1);
    at += line.length;
    if (line[0] === SPACE && inside !== undefined) {
      if (inside === 'own') signature.push(line.toString('latin1', 1));
      continue;
    }
    const text = line.toString('latin1', 0, 16);
    inside = text.startsWith('gpgsig ') ? 'own' : text.startsWith('gpgsig') ? 'other' : undefined;
    if (inside === 'own') signature.push(line.toString('latin1', 7));
    else if (inside === undefined) kept.push(line);
  }
  if (signature.length === 0) return undefined;
  kept.push(content.subarray(at));
  return signedObject(Buffer.concat(kept), signature.join(''));
}

/** The same of a tag, whose signature stands at the end of its message. */
export function splitSignedTag(content: Buffer): SignedObject | undefined {
  const text = content.toString('latin1');
  const begin = [...text.matchAll(/^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----/gm)].at(-1)?.index;
  return begin === undefined ? undefined : signedObject(content.subarray(0, begin), text.slice(begin));
}

/** Puts a signature into a commit where git looks for it: after its other headers. */
export function signedCommit(content: Buffer, signature: string): Buffer {
  const end = content.indexOf('\n\n');
  const header = `\ngpgsig ${signature.trimEnd().split('\n').join('\n ')}`;
  return Buffer.concat([content.subarray(0, end), Buffer.from(header), content.subarray(end)]);
}

function signedObject(payload: Buffer, signature: string): SignedObject {
  const [, armor = ''] = /^\s*-----BEGIN ([A-Z ]+)-----/.exec(signature) ?? [];
  const format = armor.startsWith('PGP') ? 'openpgp' : armor === 'SSH SIGNATURE' ? 'ssh' : armor === 'SIGNED MESSAGE' ? 'x509' : 'unknown';
  return { payload, signature, format };
}
