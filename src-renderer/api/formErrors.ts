import { errorMessage, toApiError } from './errors';

/** What a form says of a failed call. */
export interface FormErrors<TField extends string> {
  /** What each field is told. */
  readonly at: { readonly [TKey in TField]?: string };
  /** What belongs to none of the fields; undefined when each cause has one. */
  readonly rest: string | undefined;
}

/**
 * Hands the causes of a failed call to the fields of a form. A field has the paths by which the server may call it, and whatever is below one of them:
 * `spec.refs` has `spec.refs[1]`. Where two fields could have a cause, the longer path does. What no field has is `rest`, so that nothing goes unsaid.
 */
export function formErrors<TField extends string>(error: unknown, paths: Readonly<Record<TField, string | readonly string[]>>): FormErrors<TField> {
  if (error === null || error === undefined) return { at: {}, rest: undefined };
  const owners = (Object.keys(paths) as TField[])
    .flatMap((field) => [paths[field]].flat().map((path) => ({ field, path })))
    .toSorted((one, other) => other.path.length - one.path.length);
  const at: { [TKey in TField]?: string } = {};
  const left: string[] = [];
  for (const { field = '', message } of toApiError(error).causes) {
    const owner = owners.find(({ path }) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`))?.field;
    if (owner === undefined) left.push(field === '' ? message : `${field}: ${message}`);
    else at[owner] = at[owner] === undefined ? message : `${at[owner]}; ${message}`;
  }
  const isShown = Object.keys(at).length > 0;
  return { at, rest: !isShown ? errorMessage(error) : left.length === 0 ? undefined : left.join('; ') };
}
