import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, gunzipSync } from 'node:zlib';
import { extract, pack, type Header } from 'tar-stream';

/** An entry of a tar archive; anything of the header may be said. */
export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly header?: Partial<Header>;
}

/** All entries of a `.tar.gz`, in their order. */
export async function readTarball(path: string): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  const unpacked = extract();
  const pumping = pipeline(createReadStream(path), createGunzip(), unpacked);
  for await (const entry of unpacked) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.push({ name: entry.header.name, content: Buffer.concat(chunks) });
  }
  await pumping;
  return entries;
}

export async function writeTarball(path: string, entries: readonly TarEntry[]): Promise<void> {
  const packed = pack();
  for (const { name, content, header } of entries) packed.entry({ ...header, name }, content);
  packed.finalize();
  await pipeline(
    async function* () {
      yield* packed;
    },
    createGzip(),
    createWriteStream(path),
  );
}

/** The whole archive without its compression. */
export async function rawTarball(path: string): Promise<Buffer> {
  return gunzipSync(await readFile(path));
}
