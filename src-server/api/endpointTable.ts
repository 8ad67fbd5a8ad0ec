/** An endpoint whose pattern fits the address, and what its groups found there. */
export interface FoundEndpoint<TEndpoint> {
  readonly endpoint: TEndpoint;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

/** Endpoints by their patterns. There are many, so only those are tried that begin as the address does. */
export class EndpointTable<TEndpoint extends { readonly pattern: RegExp }> {
  readonly #byFirst = new Map<string, readonly TEndpoint[]>();
  /** Those whose pattern does not say how the address begins. */
  readonly #others: readonly TEndpoint[];

  constructor(endpoints: readonly TEndpoint[]) {
    const firsts = new Map(endpoints.map((endpoint) => [endpoint, firstSegment(endpoint.pattern)]));
    this.#others = endpoints.filter((endpoint) => firsts.get(endpoint) === undefined);
    for (const first of firsts.values()) {
      if (first !== undefined) this.#byFirst.set(first, endpoints.filter((endpoint) => (firsts.get(endpoint) ?? first) === first));
    }
  }

  /** All that fit, in their order. */
  find(pathname: string): FoundEndpoint<TEndpoint>[] {
    const end = pathname.indexOf('/', 1);
    const found: FoundEndpoint<TEndpoint>[] = [];
    for (const endpoint of this.#byFirst.get(pathname.slice(1, end === -1 ? undefined : end)) ?? this.#others) {
      const match = endpoint.pattern.exec(pathname);
      if (match !== null) found.push({ endpoint, groups: match.groups ?? {} });
    }
    return found;
  }
}

/** The segment that every address begins with which the pattern fits, if it plainly says so: `apis` of `^\/apis\/(?<group>…)$`. */
function firstSegment({ source }: RegExp): string | undefined {
  const plain = source.replaceAll('\\/', '/');
  const [, first] = /^\^\/((?:[\w-]|\\\.)+)[/$]/.exec(plain) ?? [];
  return plain.includes('|^') ? undefined : first?.replaceAll('\\.', '.');
}
