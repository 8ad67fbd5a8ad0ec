import type { Socket } from 'node:net';

/** Bytes that wait for the end of a turn; what is more goes out at once, so that the client has something to do meanwhile. */
const MAX_WAITING_BYTES = 256 * 1024;

/**
 * Sends together what is written in one turn of the event loop. The library writes a packet in three pieces, its length, its text and its tag:
 * each would be a call of the system, and on a socket without delay a segment of its own.
 */
export function coalesceWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (chunk: Uint8Array | string, encoding?: BufferEncoding, done?: (error?: Error | null) => void) => boolean;
  let isCorked = false;
  const flush = (): void => {
    isCorked = false;
    socket.uncork();
  };
  const coalesced: typeof write = (chunk, encoding, done) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      setImmediate(flush);
    }
    const hasRoom = write(chunk, encoding, done);
    if (socket.writableLength > MAX_WAITING_BYTES) {
      socket.uncork();
      socket.cork();
    }
    return hasRoom;
  };
  socket.write = coalesced as Socket['write'];
}
