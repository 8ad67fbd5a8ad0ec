import type { ServerResponse } from 'node:http';

/** As kube-apiserver: a flood of warnings must not make the headers too large for clients. */
const MAX_TEXT_LENGTH = 512;
const MAX_TOTAL_LENGTH = 4096;

/** What a client should know although its request went through; sent as `Warning: 299 - "…"` (RFC 9111, section 5.5), which kubectl prints. */
export class Warnings {
  /** Made for the first one: most requests have none. */
  #texts: Set<string> | undefined;

  /** A text that was added already is not added again. */
  readonly add = (text: string): void => {
    (this.#texts ??= new Set()).add(text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text);
  };

  /** Before the status line is sent. */
  setHeaders(res: ServerResponse): void {
    if (this.#texts !== undefined) res.setHeader('Warning', this.headers());
  }

  /** A value of the header for each text. */
  headers(): string[] {
    const headers: string[] = [];
    let total = 0;
    for (const text of this.#texts ?? []) {
      const header = `299 - "${quotable(text)}"`;
      total += header.length;
      if (total > MAX_TOTAL_LENGTH) break;
      headers.push(header);
    }
    return headers;
  }
}

/** A header's characters are bytes; Kubernetes' clients read them as UTF-8. Control characters have no place in one. */
function quotable(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').replace(/["\\]/g, '\\$&');
  return Buffer.from(line, 'utf8').toString('latin1');
}
