import { useQuery } from '@tanstack/react-query';

/** Larger pictures are not shown: the page would hold them in memory whole. */
const MAX_IMAGE_BYTES = 12 * 1024 * 1024;

export interface BlobImage {
  /** For `<img>`. */
  readonly src: string;
  readonly sizeBytes: number;
}

/**
 * A picture of the repository. What a blob holds never changes, so it is fetched once. It becomes a data address of the type that the file's
 * name says: bytes of a repository are never opened as a document of this origin.
 */
export function useBlobImage(url: string | undefined, type: string) {
  return useQuery<BlobImage>({
    queryKey: ['blob-image', url, type],
    enabled: url !== undefined,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const response = await open(url ?? '', 'GET', signal);
      if (Number(response.headers.get('content-length') ?? 0) > MAX_IMAGE_BYTES) {
        await response.body?.cancel();
        throw new Error('This picture is too large to be shown here.');
      }
      const bytes = await response.arrayBuffer();
      return { src: await dataAddress(new Blob([bytes], { type })), sizeBytes: bytes.byteLength };
    },
  });
}

/** How large a blob is, in bytes; undefined until it is known, or when it cannot be known. */
export function useBlobSize(url: string | undefined): number | undefined {
  return useQuery<number | null>({
    queryKey: ['blob-size', url],
    enabled: url !== undefined,
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => {
      const length = (await open(url ?? '', 'HEAD', signal)).headers.get('content-length');
      return length === null ? null : Number(length);
    },
  }).data ?? undefined;
}

async function open(url: string, method: 'GET' | 'HEAD', signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { method, signal, credentials: 'same-origin' });
  if (!response.ok) throw new Error(`The file could not be read (${response.status}).`);
  return response;
}

function dataAddress(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error('The picture could not be read.'));
    reader.readAsDataURL(blob);
  });
}
