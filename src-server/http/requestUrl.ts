/** What a request asks for. */
export interface RequestUrl {
  /** As it was sent, but for `.` and `..`. */
  readonly pathname: string;
  /** With its question mark; empty when there is none. */
  readonly search: string;
  readonly searchParams: URLSearchParams;
}

/** A path in which there is nothing to be resolved or escaped: no segment that is empty or begins with a dot, no `%`. */
const PLAIN_PATH = /^(?:\/(?![.])[\w.~!$&'()*+,;=:@-]+)+\/?$/;

/**
 * Reads the target of a request line. Nearly all are plain; the others go through the URL parser, which takes longer than the search for
 * what is at the address.
 *
 * @throws TypeError for what is no URL.
 */
export function readRequestUrl(target: string): RequestUrl {
  const mark = target.indexOf('?');
  const pathname = mark === -1 ? target : target.slice(0, mark);
  if (!PLAIN_PATH.test(pathname) || target.includes('#')) return new URL(target, 'http://localhost');
  return new PlainUrl(pathname, mark === -1 ? '' : target.slice(mark));
}

class PlainUrl implements RequestUrl {
  readonly pathname: string;
  readonly search: string;
  #params: URLSearchParams | undefined;

  constructor(pathname: string, search: string) {
    this.pathname = pathname;
    this.search = search;
  }

  get searchParams(): URLSearchParams {
    return (this.#params ??= new URLSearchParams(this.search));
  }
}
