/** A browser without a screen: keeps cookies a host and port, follows redirects, sends what a browser sends. */
export class TestBrowser {
  readonly #jars = new Map<string, Map<string, string>>();
  readonly userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';
  /** Addresses of the last navigation, in order. */
  history: string[] = [];

  /** Follows redirects until there are no more, or until `stopAt` says that the next address is not to be opened. */
  async open(url: string, opts: { stopAt?: (url: string) => boolean; headers?: Record<string, string> } = {}): Promise<Response> {
    this.history = [];
    let next = url;
    for (let step = 0; step < 20; step += 1) {
      this.history.push(next);
      const response = await this.request(next, { ...(opts.headers === undefined ? {} : { headers: opts.headers }) });
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status >= 400) return response;
      next = new URL(location, next).href;
      if (opts.stopAt?.(next) === true) {
        this.history.push(next);
        return response;
      }
    }
    throw new Error(`too many redirects: ${this.history.join(' -> ')}`);
  }

  /** One request of a page of the same origin. */
  async request(url: string, opts: { method?: string; json?: unknown; headers?: Record<string, string> } = {}): Promise<Response> {
    const { origin } = new URL(url);
    const response = await fetch(url, {
      method: opts.method ?? (opts.json === undefined ? 'GET' : 'POST'), redirect: 'manual',
      headers: {
        'User-Agent': this.userAgent, ...(this.cookies(origin) === '' ? {} : { Cookie: this.cookies(origin) }),
        ...(opts.json === undefined ? {} : { 'Content-Type': 'application/json', Origin: origin }), ...opts.headers,
      },
      ...(opts.json === undefined ? {} : { body: JSON.stringify(opts.json) }),
    });
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', ...value] = pair.split('=');
      if (/max-age=0(;|$)/i.test(cookie) || /expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value.join('='));
    }
    return response;
  }

  /** The Cookie header for an origin. */
  cookies(origin: string): string {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  setCookie(origin: string, name: string, value: string): void {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    jar.set(name, value);
    this.#jars.set(origin, jar);
  }

  /** The cookie whose name begins so. */
  cookie(origin: string, prefix: string): { name: string; value: string } | undefined {
    for (const [name, value] of this.#jars.get(origin) ?? []) if (name.startsWith(prefix)) return { name, value };
    return undefined;
  }

  forget(origin: string): void {
    this.#jars.delete(origin);
  }
}
