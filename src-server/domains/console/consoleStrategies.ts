import { isStatusError, type StatusCause } from '#shared/api/status';
import { parsePath } from '#shared/kind/paths';
import { isLabelKey, isLabelValue, parseFieldSelector, parseLabelSelector } from '#shared/kind/selectors';
import { Selector } from '#shared/kinds/console/selector';
import { View } from '#shared/kinds/console/view';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** The rules of saved views and selectors that their schemas cannot say. */
export function consoleStrategies(): readonly AnyStrategy[] {
  return [selectorStrategy, viewStrategy];
}

/** A selector that cannot be read would pick nothing, or everything. */
const selectorStrategy = defineStrategy({ kind: Selector, validate: ({ spec }) => termCauses('spec', spec) });

const viewStrategy = defineStrategy({
  kind: View,
  validate({ spec: { selector, columns = [], sort = [], groupBy } }) {
    return [
      ...termCauses('spec.selector', selector),
      ...columns.flatMap(({ path }, index) => readCauses(`spec.columns[${index}].path`, path, parsePath)),
      ...sort.flatMap(({ path }, index) => readCauses(`spec.sort[${index}].path`, path, parsePath)),
      ...readCauses('spec.groupBy', groupBy, parsePath),
    ];
  },
});

interface Terms {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

function termCauses(root: string, { matchLabels, labelSelector, fieldSelector }: Terms): StatusCause[] {
  return [
    ...Object.entries(matchLabels ?? {}).flatMap(([key, value]): StatusCause[] =>
      isLabelKey(key) && isLabelValue(value) ? [] : [{ code: 'FieldValueInvalid', field: `${root}.matchLabels`, message: `"${key}=${value}" is not a label: key and value are at most 63 letters, digits, "-", "_" or ".", the key with an optional "dns.prefix/" in front` }]),
    ...readCauses(`${root}.labelSelector`, labelSelector, parseLabelSelector),
    ...readCauses(`${root}.fieldSelector`, fieldSelector, parseFieldSelector),
  ];
}

/** A cause with the parser's own words when `text` cannot be read. */
function readCauses(field: string, text: string | undefined, parse: (text: string) => unknown): StatusCause[] {
  if (text === undefined) return [];
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!isStatusError(error, 'BadRequest')) throw error;
    return [{ code: 'FieldValueInvalid', field, message: `${field}: ${error.message}` }];
  }
}
