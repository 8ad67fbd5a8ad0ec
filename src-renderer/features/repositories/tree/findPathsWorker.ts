import { matchPaths, type PathMatch } from './matchPaths';

/** The paths come once; then each text is a question. */
export type FindPathsMessage = { readonly paths: readonly string[] } | { readonly id: number; readonly text: string; readonly limit: number };

export interface FindPathsAnswer {
  readonly id: number;
  readonly found: readonly PathMatch[];
}

let all: readonly string[] = [];

self.addEventListener('message', ({ data }: MessageEvent<FindPathsMessage>) => {
  if ('paths' in data) {
    all = data.paths;
    return;
  }
  const answer: FindPathsAnswer = { id: data.id, found: matchPaths(all, data.text, data.limit) };
  self.postMessage(answer);
});
