import type { StatusCause } from '#shared/api/status';
import { RefPolicy } from '#shared/kinds/forge/refPolicy';
import { defineStrategy } from '../../../resources/strategy';
import { isRefName } from '../git/refs/refName';
import { messagePatternProblem } from '../policies/messagePattern';
import { pathPatternProblem } from '../policies/pathPattern';
import { SECRET_RULES } from '../secrets/secretRules';
import { refPatternProblem } from './refPattern';

/** Every pattern and prefix has to be one that can match, and every rule one that there is. */
export const refPolicyStrategy = defineStrategy<typeof RefPolicy>({
  kind: RefPolicy,
  validate: ({ spec: { refs = [], denyPrefixes = [], denyRules = [], files, commitMessages = [], secretScanning } }) => [
    ...refs.flatMap((pattern, index) => patternCauses(`spec.refs[${index}]`, pattern)),
    ...denyRules.flatMap(({ pattern }, index) => patternCauses(`spec.denyRules[${index}].pattern`, pattern)),
    ...denyPrefixes.flatMap((prefix, index) =>
      isPrefix(prefix) ? [] : [invalid(`spec.denyPrefixes[${index}]`, `"${prefix}" is not the beginning of a reference's name; write one such as refs/heads/archive/`)]),
    ...pathCauses('spec.files.denyPaths', files?.denyPaths),
    ...pathCauses('spec.files.exceptPaths', files?.exceptPaths),
    ...commitMessages.flatMap((rule, index) => messageCauses(`spec.commitMessages[${index}]`, rule)),
    ...pathCauses('spec.secretScanning.exceptPaths', secretScanning?.exceptPaths),
    ...(secretScanning?.disabledRules ?? []).flatMap((rule, index) =>
      SECRET_RULES.some(({ id }) => id === rule) ? [] : [invalid(`spec.secretScanning.disabledRules[${index}]`, `there is no rule "${rule}"; the rules are ${SECRET_RULES.map(({ id }) => id).join(', ')}`)]),
  ],
});

function patternCauses(field: string, pattern: string): StatusCause[] {
  const problem = refPatternProblem(pattern);
  return problem === undefined ? [] : [invalid(field, `"${pattern}" is not a reference pattern: ${problem}`)];
}

function pathCauses(field: string, patterns: readonly string[] = []): StatusCause[] {
  return patterns.flatMap((pattern, index) => {
    const problem = pathPatternProblem(pattern);
    return problem === undefined ? [] : [invalid(`${field}[${index}]`, `"${pattern}" is not a path pattern: ${problem}`)];
  });
}

function messageCauses(field: string, rule: { readonly mustMatch?: string | undefined; readonly mustNotMatch?: string | undefined }): StatusCause[] {
  if (rule.mustMatch === undefined && rule.mustNotMatch === undefined) return [{ code: 'FieldValueRequired', field: `${field}.mustMatch`, message: 'say what messages must match, or must not match' }];
  return (['mustMatch', 'mustNotMatch'] as const).flatMap((key) => {
    const problem = rule[key] === undefined ? undefined : messagePatternProblem(rule[key]);
    return problem === undefined ? [] : [invalid(`${field}.${key}`, `this is not a regular expression of RE2: ${problem}`)];
  });
}

function invalid(field: string, message: string): StatusCause {
  return { code: 'FieldValueInvalid', field, message };
}

/** With something behind it, a prefix has to be a name that git could have. */
function isPrefix(prefix: string): boolean {
  return prefix.startsWith('refs/') && isRefName(`${prefix}x`);
}
