import { assetHref } from './assetHref';

export interface AssetUpload {
  /** Resolves when the server has all of it; rejects with a text for people. */
  readonly done: Promise<void>;
  readonly cancel: () => void;
}

/** Sends a file to a release as it is read from the disk. `onProgress` gets the part that is sent, from 0 to 1. */
export function uploadAsset(place: { org: string; repo: string; release: string }, file: File, onProgress: (part: number) => void): AssetUpload {
  // fetch says nothing of what is sent already.
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.open('PUT', assetHref({ ...place, asset: file.name }));
    request.setRequestHeader('Content-Type', file.type === '' ? 'application/octet-stream' : file.type);
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('load', () => (request.status < 300 ? resolve() : reject(new Error(messageOf(request.responseText)))));
    request.addEventListener('error', () => reject(new Error('The connection to the server was lost.')));
    request.addEventListener('abort', () => reject(new Error('The upload was cancelled.')));
    request.send(file);
  });
  return { done, cancel: () => request.abort() };
}

function messageOf(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown } };
    if (typeof parsed.error?.message === 'string') return parsed.error.message;
  } catch {
    // A proxy's page, perhaps.
  }
  return 'The server did not take the file.';
}
