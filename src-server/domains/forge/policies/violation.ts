/** Which rule speaks, as people find it again. */
export interface RuleName {
  /** `built-in` rules are not objects: they hold everywhere. */
  readonly kind: 'BranchProtection' | 'RefPolicy' | 'built-in';
  readonly name: string;
  readonly source: 'repository' | 'organization' | 'built-in';
}

/**
 * One thing that a change of a reference breaks. `refused` stops the change; `bypassed` would, for somebody else, and is recorded;
 * `warned` is only told.
 */
export interface Violation {
  readonly ref: string;
  readonly rule: RuleName;
  readonly outcome: 'refused' | 'bypassed' | 'warned';
  /** One sentence without a full stop, which git's own report shows: `main needs a pull request`. */
  readonly message: string;
  readonly sha?: string;
  /** As `pathText` writes it. */
  readonly path?: string;
  readonly line?: number;
  /** What can be done about it, a command where there is one. */
  readonly advice?: string;
}

/** `RefPolicy acme/no-binaries`; a rule that is no object has no name that anybody could look up. */
export function describeRule(rule: RuleName, org: string): string {
  return rule.kind === 'built-in' ? 'a rule of Kradle' : `${rule.kind} ${org}/${rule.name}`;
}

/** The sentence with the rule behind it. */
export function describeViolation({ message, rule }: Violation, org: string): string {
  return rule.kind === 'built-in' ? message : `${message} (${describeRule(rule, org)})`;
}

/** The first that stops the change of a reference. */
export function firstRefusal(violations: readonly Violation[]): Violation | undefined {
  return violations.find(({ outcome }) => outcome === 'refused');
}
