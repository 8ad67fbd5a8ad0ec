import { StatusError } from '#shared/api/status';
import { ZERO_OID } from '../objects/objectId';
import { PktParser } from './pktLine';

/** One reference that a push wants to change (gitprotocol-pack(5), "Reference Update Request and Packfile Transfer"). */
export interface PushCommand {
  readonly ref: string;
  /** What the client saw; undefined when it creates the reference. */
  readonly oldOid: string | undefined;
  /** Undefined when it deletes the reference. */
  readonly newOid: string | undefined;
}

export interface PushRequest {
  readonly commands: readonly PushCommand[];
  readonly capabilities: ReadonlySet<string>;
  /** From `git push -o`. */
  readonly options: readonly string[];
}

export interface ReadPushRequest {
  readonly request: PushRequest;
  /** Every byte that was read, to be handed to git unchanged. */
  readonly bytes: Buffer;
}

/** About 100,000 references; `git push --mirror` of the largest repositories stays below. */
const MAX_COMMAND_BYTES = 16 * 1024 * 1024;

/**
 * Reads the commands that precede the pack of a push, and no more than the chunk in which they end. Throws BadRequest for what is no
 * push and RequestEntityTooLarge for more references than any push has.
 */
export async function readPushRequest(body: AsyncIterator<Buffer>): Promise<ReadPushRequest> {
  const parser = new PktParser();
  const chunks: Buffer[] = [];
  let size = 0;
  const builder = new PushRequestBuilder();
  while (!builder.isComplete) {
    const next = await body.next();
    if (next.done === true) throw badRequest('it ends before its commands do');
    chunks.push(next.value);
    size += next.value.length;
    takePackets(parser, builder, next.value);
    if (!builder.isComplete && size > MAX_COMMAND_BYTES) throw new StatusError('RequestEntityTooLarge', 'This push names too many references at once; push them in parts');
  }
  return { request: builder.build(), bytes: Buffer.concat(chunks, size) };
}

function takePackets(parser: PktParser, builder: PushRequestBuilder, chunk: Buffer): void {
  parser.push(chunk);
  try {
    for (let pkt = parser.next(); pkt !== undefined; pkt = parser.next()) {
      builder.add(pkt.kind === 'data' ? pkt.payload.toString('utf8') : undefined);
      if (builder.isComplete) return;
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(error.message);
    throw error;
  }
}

class PushRequestBuilder {
  isComplete = false;
  readonly #commands: PushCommand[] = [];
  readonly #options: string[] = [];
  #capabilities: ReadonlySet<string> = new Set();
  #isInOptions = false;

  /** One line, or undefined for a flush packet. */
  add(line: string | undefined): void {
    if (line === undefined) this.#endSection();
    else if (this.#isInOptions) this.#options.push(line.replace(/\n$/, ''));
    else if (!line.startsWith('shallow ')) this.#addCommand(line);
  }

  build(): PushRequest {
    return { commands: this.#commands, capabilities: this.#capabilities, options: this.#options };
  }

  #endSection(): void {
    // A probe (a lone flush packet) and a push without options end here.
    const optionsFollow = !this.#isInOptions && this.#capabilities.has('push-options');
    this.#isInOptions = optionsFollow;
    this.isComplete = !optionsFollow;
  }

  #addCommand(line: string): void {
    const [command = '', capabilities] = line.split('\0');
    if (capabilities !== undefined) this.#capabilities = new Set(capabilities.trim().split(' '));
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+?)\n?$/.exec(command);
    if (match === null) throw badRequest('its commands cannot be read');
    const [, oldOid = '', newOid = '', ref = ''] = match;
    this.#commands.push({ ref, oldOid: oldOid === ZERO_OID ? undefined : oldOid, newOid: newOid === ZERO_OID ? undefined : newOid });
  }
}

function badRequest(detail: string): StatusError {
  return new StatusError('BadRequest', `This is not a push that git makes: ${detail}`);
}
