import { StatusError } from '#shared/api/status';

/** A form that an answer can be turned into: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface KubeForm {
  readonly as: string;
  readonly group: string;
  readonly version: string;
}

/** How to write an answer. */
export interface KubeMediaType {
  readonly type: string;
  /** Absent: the object as it is. */
  readonly form?: KubeForm;
}

/** What the Kubernetes door writes. */
export const KUBE_MEDIA_TYPES: readonly string[] = ['application/json', 'application/yaml'];

/**
 * Chooses as kube-apiserver does: clauses by `q`, then the more exact one, then in the order of the header; a clause that asks for a
 * form that is not offered is passed over. Without the header the first type.
 *
 * @throws NotAcceptable when no clause fits, such as one for Kubernetes' protobuf alone.
 */
export function negotiateKube(accept: string | undefined, opts: { types?: readonly string[]; forms?: readonly KubeForm[] } = {}): KubeMediaType {
  const { types = KUBE_MEDIA_TYPES, forms = [] } = opts;
  // What programs mostly say, and what it comes to below.
  if (accept !== undefined && types.includes(accept)) return { type: accept };
  for (const clause of parseAccept(accept ?? '*/*')) {
    const type = types.find((each) => matches(clause, each));
    if (type === undefined) continue;
    const { as, g = '', v = '' } = clause.parameters;
    if (as === undefined) return { type };
    const form = forms.find((each) => each.as === as && each.group === g && each.version === v);
    if (form !== undefined) return { type, form };
  }
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);
}

interface Clause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** Clauses that a header may have; what comes after is not looked at. */
const MAX_CLAUSES = 32;

function parseAccept(header: string): Clause[] {
  const clauses = header.split(',', MAX_CLAUSES).map(parseClause).filter((clause) => clause.quality > 0);
  return clauses.sort((a, b) => b.quality - a.quality || exactness(b) - exactness(a));
}

function parseClause(text: string): Clause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = Object.fromEntries(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=', 2);
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
    }),
  );
  const quality = Number(parameters.q ?? 1);
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
}

function matches({ type, parameters }: Clause, offered: string): boolean {
  if (parameters.charset !== undefined && parameters.charset.toLowerCase() !== 'utf-8') return false;
  return type === offered || type === '*/*' || (type.endsWith('/*') && offered.startsWith(type.slice(0, -1)));
}

function exactness({ type }: Clause): number {
  return type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2;
}
