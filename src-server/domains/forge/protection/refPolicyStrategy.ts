import type { StatusCause } from '#shared/api/status';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { defineStrategy } from '../../../resources/strategy';
import { isRefName } from '../git/refName';
import { refPatternProblem } from './refPattern';

/** Every pattern and prefix has to be one that can match. */
export const refPolicyStrategy = defineStrategy<typeof RefPolicy>({
  kind: RefPolicy,
  validate: ({ spec: { refs = [], denyPrefixes = [], denyRules = [] } }) => [
    ...refs.flatMap((pattern, index) => patternCauses(`spec.refs[${index}]`, pattern)),
    ...denyRules.flatMap(({ pattern }, index) => patternCauses(`spec.denyRules[${index}].pattern`, pattern)),
    ...denyPrefixes.flatMap((prefix, index): StatusCause[] =>
      isPrefix(prefix) ? [] : [{ code: 'FieldValueInvalid', field: `spec.denyPrefixes[${index}]`, message: `"${prefix}" is not the beginning of a reference's name; write one such as refs/heads/archive/` }]),
  ],
});

function patternCauses(field: string, pattern: string): StatusCause[] {
  const problem = refPatternProblem(pattern);
  return problem === undefined ? [] : [{ code: 'FieldValueInvalid', field, message: `"${pattern}" is not a reference pattern: ${problem}` }];
}

/** With something behind it, a prefix has to be a name that git could have. */
function isPrefix(prefix: string): boolean {
  return prefix.startsWith('refs/') && isRefName(`${prefix}x`);
}
