import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { defineStrategy } from '../../../resources/strategy';
import { refPatternProblem } from './refPattern';

/** Every pattern has to be one that can match. */
export const branchProtectionStrategy = defineStrategy<typeof BranchProtection>({
  kind: BranchProtection,
  validate: (object) =>
    object.spec.refs.flatMap((pattern, index) => {
      const problem = refPatternProblem(pattern);
      return problem === undefined ? [] : [{ code: 'FieldValueInvalid', field: `spec.refs[${index}]`, message: `"${pattern}" is not a branch pattern: ${problem}` }];
    }),
});
