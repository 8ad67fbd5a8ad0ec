import { useState } from 'react';

interface Upload {
  readonly org: string;
  readonly name: string;
  readonly visibility: string;
  readonly description?: string;
  readonly file: File;
}

/** Sends a git bundle from which the server makes a repository, and says how far it is. The file is streamed, whatever its size. */
export function useBundleUpload(onDone: () => Promise<unknown>) {
  const [percent, setPercent] = useState<number>();
  const [error, setError] = useState<Error | null>(null);
  const start = ({ org, name, visibility, description, file }: Upload) => {
    setError(null);
    setPercent(0);
    const query = new URLSearchParams({ visibility, ...(description === undefined ? {} : { description }) });
    // What fetch cannot do: tell how much has been sent.
    const request = new XMLHttpRequest();
    request.open('PUT', `/api/orgs/${encodeURIComponent(org)}/repositories/${encodeURIComponent(name)}/bundle?${query.toString()}`);
    request.setRequestHeader('content-type', 'application/x-git-bundle');
    request.upload.onprogress = ({ loaded, total }) => setPercent((100 * loaded) / Math.max(1, total));
    const fail = (failure: Error) => {
      setPercent(undefined);
      setError(failure);
    };
    request.onerror = () => fail(new Error('The server could not be reached, or ended the upload.'));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) void onDone();
      else fail(failureOf(request));
    };
    request.send(file);
  };
  return { start, percent, error, isPending: percent !== undefined };
}

function failureOf(request: XMLHttpRequest): Error {
  try {
    const { error } = JSON.parse(request.responseText) as { error?: { message?: string } };
    return new Error(error?.message ?? request.statusText);
  } catch {
    return new Error(request.statusText);
  }
}
