/** A person at a moment, as commits and tags carry it. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  /** RFC 3339, in UTC. */
  readonly date: string;
  /** Offset of the person's clock from UTC in minutes. */
  readonly offsetMinutes: number;
}

export interface Trailer {
  readonly key: string;
  readonly value: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  /** First paragraph on one line. */
  readonly subject: string;
  /** The rest of the message, trailers included. */
  readonly body: string;
  readonly trailers: readonly Trailer[];
  /** Does it carry a signature? It is not verified here. */
  readonly signed: boolean;
}

/** A commit object as it is stored, for making another one of it without changing a byte of what stays. */
export interface RawCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** The whole `author` line without its keyword. */
  readonly author: Buffer;
  readonly committer: Buffer;
  /** Value of the `encoding` header; undefined for UTF-8. */
  readonly encoding: string | undefined;
  readonly signed: boolean;
  readonly message: Buffer;
}

/** Splits the content of a commit object (gitformat: headers, empty line, message). */
export function parseRawCommit(content: Buffer): RawCommit {
  const end = content.indexOf('\n\n');
  const header = content.subarray(0, end < 0 ? content.length : end);
  const parents: string[] = [];
  let tree = '';
  let author: Buffer = Buffer.alloc(0);
  let committer: Buffer = Buffer.alloc(0);
  let encoding: string | undefined;
  let signed = false;
  for (const { key, value } of headerLines(header)) {
    if (key === 'tree') tree = value.toString('latin1');
    else if (key === 'parent') parents.push(value.toString('latin1'));
    else if (key === 'author') author = value;
    else if (key === 'committer') committer = value;
    else if (key === 'encoding') encoding = value.toString('latin1');
    else if (key.startsWith('gpgsig')) signed = true;
  }
  return { tree, parents, author, committer, encoding, signed, message: end < 0 ? Buffer.alloc(0) : content.subarray(end + 2) };
}

export function parseCommit(sha: string, content: Buffer): Commit {
  const raw = parseRawCommit(content);
  const decode = decoderOf(raw.encoding);
  const { subject, body } = splitMessage(decode(raw.message));
  return {
    sha,
    tree: raw.tree,
    parents: raw.parents,
    author: parseSignature(decode(raw.author)),
    committer: parseSignature(decode(raw.committer)),
    subject,
    body,
    trailers: parseTrailers(body),
    signed: raw.signed,
  };
}

/** Bytes of a commit object. */
export function formatRawCommit(commit: Omit<RawCommit, 'signed'>): Buffer {
  const lines = [`tree ${commit.tree}\n`, ...commit.parents.map((parent) => `parent ${parent}\n`)].join('');
  return Buffer.concat([
    Buffer.from(lines),
    Buffer.from('author '),
    commit.author,
    Buffer.from('\ncommitter '),
    commit.committer,
    Buffer.from(commit.encoding === undefined ? '\n\n' : `\nencoding ${commit.encoding}\n\n`),
    commit.message,
  ]);
}

/** `Name <email> seconds zone`, as commits store it; characters that would break the line are left out, as git does. */
export function formatSignature(person: { readonly name: string; readonly email: string }, date: Date, offsetMinutes = 0): Buffer {
  const clean = (text: string): string =>
    // eslint-disable-next-line no-control-regex -- control characters would end the header
    text.replace(/[\u0000-\u001f<>]/g, '').trim();
  const magnitude = Math.abs(offsetMinutes);
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${String(Math.floor(magnitude / 60)).padStart(2, '0')}${String(magnitude % 60).padStart(2, '0')}`;
  return Buffer.from(`${clean(person.name) || 'unknown'} <${clean(person.email)}> ${Math.floor(date.getTime() / 1000)} ${zone}`);
}

/** Takes what it can of a signature line: histories contain broken ones, and a page must still show them. */
export function parseSignature(line: string): Signature {
  // Found by position: who pushes chooses the line, and an expression for "spaces, then <" takes quadratic time over long spaces.
  const bracket = line.indexOf('<');
  const match = bracket < 0 ? null : /^<([^>]*)>?\s*(-?\d+)?\s*([+-]\d{4})?/.exec(line.slice(bracket));
  const seconds = Number(match?.[2] ?? 0);
  const zone = match?.[3] ?? '+0000';
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
  // A date beyond the range of ECMAScript would throw.
  const timeMs = Math.abs(seconds) <= 8.64e12 ? seconds * 1000 : 0;
  return {
    name: match === null ? line : line.slice(0, bracket).trimEnd(),
    email: match?.[1] ?? '',
    date: new Date(timeMs).toISOString(),
    offsetMinutes: zone.startsWith('-') ? -minutes : minutes,
  };
}

/** The subject is the first paragraph with its lines joined, as `git log` shows it. */
export function splitMessage(message: string): { subject: string; body: string } {
  const text = message.replace(/^\n+/, '');
  const match = /\n[ \t]*\n/.exec(text);
  const head = match === null ? text : text.slice(0, match.index);
  return {
    subject: head.split('\n').map((line) => line.trim()).filter((line) => line !== '').join(' '),
    body: match === null ? '' : text.slice(match.index + match[0].length).replace(/^\n+/, '').trimEnd(),
  };
}

/** Trailers of the last paragraph, by the plain rule of git-interpret-trailers(1): every line is `Key: value` or continues one. */
export function parseTrailers(body: string): Trailer[] {
  const last = body.trimEnd().split(/\n[ \t]*\n/).at(-1) ?? '';
  const trailers: { key: string; value: string }[] = [];
  for (const line of last.split('\n')) {
    const match = /^([A-Za-z0-9-]+)\s*:\s*(.*)$/.exec(line);
    const previous = trailers.at(-1);
    if (match !== null) trailers.push({ key: match[1] ?? '', value: (match[2] ?? '').trim() });
    else if (previous !== undefined && /^\s/.test(line)) previous.value += ` ${line.trim()}`;
    else return [];
  }
  return trailers;
}

function* headerLines(header: Buffer): Generator<{ key: string; value: Buffer }> {
  for (let start = 0; start < header.length; ) {
    const end = header.indexOf(0x0a, start);
    const line = header.subarray(start, end < 0 ? header.length : end);
    const space = line.indexOf(0x20);
    // A line that starts with a space continues the header before (a signature's), which nobody asks for.
    if (space > 0) yield { key: line.subarray(0, space).toString('latin1'), value: line.subarray(space + 1) };
    if (end < 0) return;
    start = end + 1;
  }
}

function decoderOf(encoding: string | undefined): (bytes: Buffer) => string {
  if (encoding === undefined) return (bytes) => bytes.toString('utf8');
  try {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  } catch {
    // An encoding that nobody knows any more: the bytes, readable where they are ASCII.
    return (bytes) => bytes.toString('latin1');
  }
}
