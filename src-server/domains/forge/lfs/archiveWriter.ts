import type { PassThrough, Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { ZipFile } from 'yazl';
import type { ArchiveFormat } from '../git/transport/archive';

/** Takes the files of an archive one after the other, and writes it as it goes. */
export interface ArchiveWriter {
  /** The archive. Destroying it ends what is being added. */
  readonly output: Readable;
  /** Adds a file, folder or link, as git's own tar describes it. Resolves when its content was read; the next must wait for that. */
  add(header: Header, content: Readable): Promise<void>;
  finish(): void;
}

/** @param commit What is in the archive: a zip says so in its comment, where `unzip -z` and git's own archives have it. */
export function createArchiveWriter(format: ArchiveFormat, commit: string): ArchiveWriter {
  return format === 'zip' ? createZipWriter(commit) : createTarGzWriter();
}

function createTarGzWriter(): ArchiveWriter {
  const tar = pack();
  const output = createGzip({ level: 6 });
  // An error reaches the reader of the output.
  pipeline(tar, output).catch(() => undefined);
  return {
    output,
    // What the format has no room for, as long names, it says anew.
    add: (header, content) => pipeline(content, tar.entry({ ...header, pax: null })),
    finish: () => tar.finalize(),
  };
}

function createZipWriter(commit: string): ArchiveWriter {
  const zip = new ZipFile();
  const output = zip.outputStream as PassThrough;
  const directory = new ZipDirectory();
  zip.on('error', (error: Error) => output.destroy(error));
  return {
    output,
    async add({ name: path, type, mode, mtime, linkname, size }, content) {
      directory.takeWritten(zip);
      // To whoever unpacks it on Windows it would be a folder, or the way out of one.
      const name = path.replaceAll('\\', '_');
      if (type === 'directory') {
        await finished(content.resume(), { writable: false });
        zip.addEmptyDirectory(name, { mtime, mode: 0o40755 });
      } else if (type === 'symlink') {
        await finished(content.resume(), { writable: false });
        zip.addBuffer(Buffer.from(linkname), name, { mtime, mode: 0o120777, compress: false });
      } else {
        // Nobody tells the files when nobody reads the archive any more.
        const stop = (): void => void content.destroy();
        output.once('close', stop);
        if (output.destroyed) stop();
        zip.addReadStream(content, name, { mtime, mode: (mode & 0o111) === 0 ? 0o100644 : 0o100755, size });
        await finished(content, { writable: false }).finally(() => output.off('close', stop));
      }
      await whenDrained(output);
    },
    finish() {
      directory.takeWritten(zip);
      directory.giveBack(zip);
      zip.end({ comment: commit, forceZip64Format: false });
    },
  };
}

/** What yazl keeps of each file until the end, for the list that closes the archive. */
interface ZipEntry {
  readonly state: number;
  getCentralDirectoryRecord(): Buffer;
}

const WRITTEN = 3;
const RECORDS_OF_A_PAGE = 1000;

/**
 * Takes what is written out of yazl's hands and keeps only what the list will say of it: yazl goes through all files at every step for the first that is
 * not written, and each of them holds on to its stream. In large pieces, because a buffer of its own for each file takes ten times its bytes.
 */
class ZipDirectory {
  readonly #pages: Buffer[] = [];
  #page: Buffer[] = [];
  #count = 0;

  takeWritten(zip: ZipFile): void {
    const entries = entriesOf(zip);
    while (entries[0]?.state === WRITTEN) {
      this.#page.push(entries.shift()?.getCentralDirectoryRecord() ?? NOTHING);
      this.#count += 1;
      if (this.#page.length >= RECORDS_OF_A_PAGE) this.#closePage();
    }
  }

  /** Puts them in front of what is being written still: as many as there were, of which the first few say all. */
  giveBack(zip: ZipFile): void {
    this.#closePage();
    const entries = entriesOf(zip);
    const rest = entries.splice(0);
    for (let index = 0; index < this.#count; index += 1) entries.push(entryOf(this.#pages[index]));
    entries.push(...rest);
  }

  #closePage(): void {
    if (this.#page.length > 0) this.#pages.push(Buffer.concat(this.#page));
    this.#page = [];
  }
}

const NOTHING = Buffer.alloc(0);
const NO_RECORD: ZipEntry = { state: WRITTEN, getCentralDirectoryRecord: () => NOTHING };

function entryOf(records: Buffer | undefined): ZipEntry {
  return records === undefined ? NO_RECORD : { state: WRITTEN, getCentralDirectoryRecord: () => records };
}

/** Not in its types, and the same in every version of yazl so far; the tests would tell. */
function entriesOf(zip: ZipFile): ZipEntry[] {
  return (zip as ZipFile & { readonly entries: ZipEntry[] }).entries;
}

/** Small entries are written without asking whether somebody reads. */
function whenDrained(output: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    if (!output.writableNeedDrain || output.destroyed) return resolve();
    const settle = (): void => {
      output.off('drain', settle).off('close', settle);
      resolve();
    };
    output.once('drain', settle).once('close', settle);
  });
}
