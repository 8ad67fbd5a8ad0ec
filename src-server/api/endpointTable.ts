/** An endpoint whose pattern fits the address, and what its groups found there. */
export interface FoundEndpoint<TEndpoint> {
  readonly endpoint: TEndpoint;
  /** By the names of the groups, decoded; a group that found nothing is absent. */
  readonly params: Readonly<Record<string, string>>;
}

/** Endpoints by their patterns. There are many, so only those are tried that begin as the address does. */
export class EndpointTable<TEndpoint extends { readonly pattern: RegExp; readonly methods: readonly string[] }> {
  readonly #byFirst = new Map<string, readonly Entry<TEndpoint>[]>();
  /** Those whose pattern does not say how the address begins. */
  readonly #others: readonly Entry<TEndpoint>[];

  constructor(endpoints: readonly TEndpoint[]) {
    const entries = endpoints.map((endpoint) => ({ endpoint, first: firstSegment(endpoint.pattern), groups: groupNames(endpoint.pattern) }));
    this.#others = entries.filter(({ first }) => first === undefined);
    for (const { first } of entries) {
      if (first !== undefined) this.#byFirst.set(first, entries.filter((entry) => (entry.first ?? first) === first));
    }
  }

  /** Those that fit, in their order: up to the first that takes the method, which is the last one then. */
  find(method: string, pathname: string): FoundEndpoint<TEndpoint>[] {
    const end = pathname.indexOf('/', 1);
    const found: FoundEndpoint<TEndpoint>[] = [];
    for (const { endpoint, groups } of this.#byFirst.get(pathname.slice(1, end === -1 ? undefined : end)) ?? this.#others) {
      const match = endpoint.pattern.exec(pathname);
      if (match === null) continue;
      found.push({ endpoint, params: paramsOf(groups, match.groups) });
      if (endpoint.methods.includes(method)) break;
    }
    return found;
  }
}

interface Entry<TEndpoint> {
  readonly endpoint: TEndpoint;
  readonly groups: readonly string[];
}

/** The names of a pattern's groups; with nothing as its alternative, it fits anything. */
function groupNames({ source }: RegExp): readonly string[] {
  return Object.keys(new RegExp(`${source}|`).exec('')?.groups ?? {});
}

function paramsOf(names: readonly string[], groups: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const params: Record<string, string> = {};
  for (const name of names) {
    const value = groups[name];
    if (value !== undefined) params[name] = value.includes('%') ? decodeURIComponent(value) : value;
  }
  return params;
}

/** The segment that every address begins with which the pattern fits, if it plainly says so: `apis` of `^\/apis\/(?<group>…)$`. */
function firstSegment({ source }: RegExp): string | undefined {
  const plain = source.replaceAll('\\/', '/');
  const [, first] = /^\^\/((?:[\w-]|\\\.)+)[/$]/.exec(plain) ?? [];
  return plain.includes('|^') ? undefined : first?.replaceAll('\\.', '.');
}
