import { ORG_ROLE_FOR } from '#shared/access/roles';
import { ACCESS_RULES, type AccessNeed, type AccessRule } from '#shared/access/rules';

/** The rows of the permission table, by what they are about. */
export interface RuleBook {
  /** Least demanding first. */
  rulesFor(kind: string, verb: string): readonly AccessRule[];
}

export function createRuleBook(rules: readonly AccessRule[] = ACCESS_RULES): RuleBook {
  const known = new Map<string, Map<string, readonly AccessRule[]>>();
  return {
    rulesFor(kind, verb) {
      const ofKind = known.get(kind);
      const found = ofKind?.get(verb);
      if (found !== undefined) return found;
      const made = rules.filter((rule) => (rule.kinds === '*' || rule.kinds.includes(kind)) && rule.verbs.includes(verb)).sort((one, other) => demand(one.needs) - demand(other.needs));
      // Verbs come from questions, too: what no rule is about is not worth remembering.
      if (made.length > 0) known.set(kind, (ofKind ?? new Map<string, readonly AccessRule[]>()).set(verb, made));
      return made;
    },
  };
}

const DEMAND = ['agent', 'viewer', 'reviewer', 'developer', 'maintainer', 'admin', 'owner'] as const;

/** An own object is demanded less of than anybody's. */
function demand(need: AccessNeed): number {
  if ('installation' in need) return DEMAND.length;
  return DEMAND.indexOf('org' in need ? need.org : ORG_ROLE_FOR[need.repository]) - (need.own === true ? 0.5 : 0);
}
