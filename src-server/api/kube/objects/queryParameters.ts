import { StatusError } from '#shared/api/status';

/** Every verb takes these: how the answer is laid out, and how long the client is going to wait for it. */
const COMMON_PARAMETERS = ['pretty', 'timeout'];

/** The query of a request on the Kubernetes door, read by a closed list of names: a misspelt parameter is told, not overlooked. */
export interface QueryParameters {
  /** Undefined when it is absent or empty. */
  text(name: string): string | undefined;
  /** As Kubernetes reads it: present without a value means true. */
  flag(name: string): boolean | undefined;
  wholeNumber(name: string): number | undefined;
  /** Every value that is given for the name. */
  all(name: string): readonly string[];
}

/** @throws BadRequest with a cause that names the parameter. */
export function readQuery(query: URLSearchParams, known: readonly string[]): QueryParameters {
  for (const name of query.keys()) {
    if (known.includes(name) || COMMON_PARAMETERS.includes(name)) continue;
    throw badParameter(name.slice(0, 100), `is not a parameter of this request; it takes ${[...known, ...COMMON_PARAMETERS].join(', ')}`);
  }
  const text = (name: string): string | undefined => query.get(name) || undefined;
  return {
    text,
    flag(name) {
      const value = query.get(name)?.toLowerCase();
      if (value === undefined) return undefined;
      if (value === '' || value === 'true' || value === '1') return true;
      if (value === 'false' || value === '0') return false;
      throw badParameter(name, `is ${JSON.stringify(value.slice(0, 100))}; it must be true or false`);
    },
    wholeNumber(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d{1,15}$/.test(value)) throw badParameter(name, `is ${JSON.stringify(value.slice(0, 100))}; it must be a whole number`);
      return Number(value);
    },
    all: (name) => query.getAll(name),
  };
}

/** A parameter that cannot be read. */
export function badParameter(name: string, problem: string): StatusError {
  return new StatusError('BadRequest', `${name} ${problem}`, { causes: [{ code: 'FieldValueInvalid', field: name, message: problem }] });
}

/** Parameters that each can be read but do not go together, as kube-apiserver refuses them. */
export function invalidOptions(kind: 'ListOptions' | 'PatchOptions' | 'DeleteOptions' | 'CreateOptions' | 'UpdateOptions', field: string, problem: { code: string; message: string }): StatusError {
  return new StatusError('Invalid', `${kind}.meta.k8s.io "" is invalid: ${field}: ${problem.message}`, { causes: [{ ...problem, field }] });
}
