import { isAtLeast, ORG_ROLE_FOR, type OrgRole } from '#shared/access/roles';
import type { OutputOf } from '../../../api/rpc';

export type PermissionTable = OutputOf<'access.roles'>;
export type PermissionRule = PermissionTable['rules'][number];

/** What a role makes of a rule: allowed, for one's own things alone, or not by itself. */
export type RoleAnswer = 'yes' | 'own' | 'no';

/** The organization role from which on a rule allows; undefined for what is for the installation's administrators. */
export function leastRole({ needs }: Pick<PermissionRule, 'needs'>): OrgRole | undefined {
  if ('installation' in needs) return undefined;
  return 'org' in needs ? needs.org : ORG_ROLE_FOR[needs.repository];
}

export function answerOf(role: OrgRole, rule: Pick<PermissionRule, 'needs'>): RoleAnswer {
  const least = leastRole(rule);
  if (least === undefined || !isAtLeast(role, least)) return 'no';
  return 'own' in rule.needs && rule.needs.own === true ? 'own' : 'yes';
}

/** What a rule takes, as a sentence goes on: "maintainer or above; or the role maintain in the repository". */
export function needWords({ needs }: Pick<PermissionRule, 'needs'>): string {
  if ('installation' in needs) return 'administrators of the installation';
  const own = needs.own === true ? ', for what is their own' : '';
  if ('org' in needs) return `${orAbove(needs.org)}${own}`;
  return `${orAbove(ORG_ROLE_FOR[needs.repository])}, or the role ${needs.repository} in the repository${own}`;
}

function orAbove(role: OrgRole): string {
  return role === 'owner' ? 'owner' : `${role} or above`;
}

/**
 * The rules that a question is about: "who may merge?" finds the one about merging. Every word that says something has to begin a word
 * of the rule; those where it is in what may be done come first.
 */
export function findRules(rules: readonly PermissionRule[], question: string): readonly PermissionRule[] {
  const wanted = wordsOf(question).filter((word) => !FILLERS.has(word)).map(stem);
  if (wanted.length === 0) return rules;
  const found = rules.flatMap((rule) => {
    const [title, verbs, kinds] = [wordsOf(rule.title), wordsOf(rule.verbs.join(' ')), wordsOf(`${rule.id} ${rule.kinds.join(' ')}`)];
    const rank = [title, [...title, ...verbs], [...title, ...verbs, ...kinds]].findIndex((words) => wanted.every((each) => words.some((word) => word.startsWith(each))));
    // What is asked for by the very verb of a rule is more than a word in its title.
    const isVerb = rule.verbs.some((verb) => wanted.includes(stem(verb)));
    const namesKind = wanted.some((each) => rule.kinds.some((kind) => wordsOf(kind)[0]?.startsWith(each) === true));
    return rank === -1 ? [] : [{ rule, rank: isVerb ? rank - 1 : rank, namesKind, words: title.length }];
  });
  // Where rules have the very verb in their title, those that mention it in passing are not meant.
  const isNamed = found.some(({ rank }) => rank < 0);
  // Of two that say it, the one that is about the very kind is meant, and then the one that says little else.
  return found.filter(({ rank }) => !isNamed || rank <= 0).sort((a, b) => a.rank - b.rank || Number(b.namesKind) - Number(a.namesKind) || a.words - b.words).map(({ rule }) => rule);
}

/** What a question is made of, beside what it asks for. */
const FILLERS = new Set(['who', 'whom', 'may', 'can', 'could', 'what', 'which', 'is', 'are', 'be', 'allowed', 'able', 'to', 'a', 'an', 'the', 'do', 'does', 'i', 'we', 'my', 'people', 'somebody', 'role', 'roles']);

/** "PullRequest" -> pull, request. */
function wordsOf(text: string): string[] {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '');
}

/** Merging, merges, merged: merg. Repositories: repositor. */
function stem(word: string): string {
  const cut = word.replace(/(ies|ing|ed|es|s|e|y)$/, '');
  return cut.length >= 3 ? cut : word;
}
