import { Check, Minus, UserRound } from 'lucide-react';
import { isAtLeast } from '#shared/access/roles';
import { useLiveList } from '../../../api/liveList';
import { useRpc } from '../../../api/rpc';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { Card, PageBody } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { effectiveRole, PEOPLE_ROLES, roleLabel, type MemberObject } from '../memberFacts';
import { answerOf, findRules, leastRole, needWords, type PermissionRule, type RoleAnswer } from './roleTable';

/** Who may do what: the table that every decision comes from, and the people whom it makes of it here. */
export function RolesSection() {
  const org = useOrg();
  const [q, setQ] = useUrlState('q', { replace: true });
  const table = useRpc('access.roles', undefined, { staleTime: Infinity });
  const users = useLiveList('users', { org, sort: 'spec.displayName', limit: 500 });
  const rules = findRules(table.data?.rules ?? [], q ?? '');
  const isFiltered = (q ?? '') !== '';
  return (
    <PageBody>
      <div className="flex max-w-6xl flex-col gap-4">
        <FilterInput label="Search the roles" placeholder="Who may merge?" value={q} onValueChange={setQ} className="w-full sm:max-w-96" />
        {table.error !== null ? <ErrorState title="The roles could not be loaded" error={table.error} onRetry={() => void table.refetch()} /> : table.isPending ? <SkeletonRows label="Loading the roles" /> : (
          <>
            {!isFiltered && (
              <Card title="Roles" padded={false}>
                <dl className="divide-y">
                  {[...PEOPLE_ROLES, 'agent' as const].map((name) => (
                    <div key={name} className="grid grid-cols-[7rem_minmax(0,1fr)] gap-3 px-3 py-2 sm:grid-cols-[8rem_minmax(0,1fr)_max-content]">
                      <dt className="font-medium">{roleLabel(name)}</dt>
                      <dd className="text-muted">{table.data.roles.find((role) => role.name === name)?.title}</dd>
                      <dd className="hidden text-right text-xs text-subtle sm:block">{name !== 'agent' && count(users.items.filter((user) => isThere(user) && effectiveRole(user) === name).length)}</dd>
                    </div>
                  ))}
                </dl>
              </Card>
            )}
            {rules.length === 0
              ? <EmptyState title="The table says nothing about that" action={<Button onClick={() => setQ(undefined)}>Show all of it</Button>}>What no rule allows is refused.</EmptyState>
              : <RuleTable rules={rules} users={users.items} withNames={isFiltered} />}
            {!isFiltered && (
              <Card title="And for everybody" padded={false}>
                <ul className="divide-y">{table.data.limits.map((limit) => <li key={limit.id} className="px-3 py-2"><p>{limit.title}</p><p className="text-xs text-subtle">{limit.why}</p></li>)}</ul>
              </Card>
            )}
          </>
        )}
      </div>
    </PageBody>
  );
}

function RuleTable({ rules, users, withNames }: { rules: readonly PermissionRule[]; users: readonly MemberObject[]; withNames: boolean }) {
  const roles = [...PEOPLE_ROLES].reverse();
  return (
    <div className="overflow-x-auto rounded-lg border bg-surface" tabIndex={0} role="region" aria-label="Permissions">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b text-left text-xs text-subtle">
            <th scope="col" className="px-3 py-2 font-medium">May</th>
            {roles.map((role) => <th key={role} scope="col" className="hidden w-20 px-1 py-2 text-center font-medium lg:table-cell">{roleLabel(role)}</th>)}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rules.map((rule) => (
            <tr key={rule.id} className="align-top">
              <th scope="row" className="px-3 py-2 text-left font-normal">
                <span className="block font-medium first-letter:uppercase">{rule.title}</span>
                <span className="block text-xs text-muted">{needWords(rule)}</span>
                <span className="block text-xs text-subtle">{rule.why}</span>
                {withNames && <Names people={users.filter((user) => isThere(user) && isAtLeast(effectiveRole(user), leastRole(rule) ?? 'owner') && leastRole(rule) !== undefined)} />}
              </th>
              {roles.map((role) => <td key={role} className="hidden px-1 py-2.5 text-center lg:table-cell"><Answer answer={answerOf(role, rule)} /></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Answer({ answer }: { answer: RoleAnswer }) {
  if (answer === 'no') return <Minus role="img" aria-label="no" className="mx-auto size-4 text-subtle" />;
  if (answer === 'own') return <UserRound role="img" aria-label="for what is their own" className="mx-auto size-4 text-info" />;
  return <Check role="img" aria-label="yes" className="mx-auto size-4 text-success" />;
}

/** Those whose role is enough here, by name while they are few. */
function Names({ people }: { people: readonly MemberObject[] }) {
  const shown = people.slice(0, MAX_NAMES).map(({ spec }) => spec.displayName);
  const more = people.length - shown.length;
  return <span className="mt-1 block text-xs"><span className="text-subtle">Here by their role: </span>{people.length === 0 ? 'nobody' : shown.join(', ')}{more > 0 && ` and ${more} more`}</span>;
}

const MAX_NAMES = 8;

function isThere({ spec, status }: MemberObject): boolean {
  return !spec.disabled && status?.phase === 'Active';
}

function count(people: number): string {
  return people === 1 ? '1 member' : `${people} members`;
}
