import { getPath, setPath } from '#shared/kind/paths';

/**
 * A field that was filled in from another follows it when that one changes and the field does not: a document that says only the other
 * one goes on to mean the same after an edit. Answers `spec`, changed or not.
 *
 * @param opts - dotted paths under the spec
 */
export function followSource<TSpec extends object>(spec: TSpec, current: object | undefined, opts: { field: string; source: string }): TSpec {
  const [before, source] = [getPath(current, opts.field), getPath(spec, opts.source)];
  const wasFilled = before !== undefined && before === getPath(current, opts.source);
  return wasFilled && source !== undefined && getPath(spec, opts.field) === before ? setPath(spec, opts.field, source) : spec;
}
