import { Bot, User, UsersRound } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useLiveList } from '../../../api/liveList';
import { useMay } from '../../../shell/useMay';
import { Combobox } from '../../../ui/fields/Combobox';
import type { PullObject } from '../pullObject';
import { usePullVerb } from '../usePullVerb';

/** Asks somebody for a review: a person, a team or an agent, found by typing. */
export function ReviewerPicker({ org, pull, trigger }: { org: string; pull: PullObject; trigger: ReactNode }) {
  const [q, setQ] = useState('');
  const may = useMay('request-review', 'pullrequests', pull.metadata.name);
  const users = useLiveList('users', { org, q, limit: 20 });
  const teams = useLiveList('teams', { org, q, limit: 20 });
  const agents = useLiveList('agentstacks', { org, q, limit: 20 });
  const ask = usePullVerb('pulls.requestReview', { org, pull });
  const author = pull.spec.author?.name;
  const options = useMemo(
    () => [
      ...users.items.filter(({ metadata, spec }) => metadata.name !== author && spec.disabled !== true).map(({ metadata, spec }) => option(metadata.name, spec.displayName, <User aria-hidden className={ICON} />)),
      ...teams.items.map(({ metadata, spec }) => option(`team/${metadata.name}`, spec.displayName, <UsersRound aria-hidden className={ICON} />)),
      ...agents.items.map(({ metadata }) => option(`agent/${metadata.name}`, undefined, <Bot aria-hidden className={ICON} />)),
    ],
    [users.items, teams.items, agents.items, author],
  );
  // The menu cannot open for who may not ask; the button says why.
  if (may.reason !== undefined) return trigger;
  return (
    <Combobox
      aria-label="Ask for a review"
      value={undefined}
      options={options}
      onSearch={setQ}
      loading={users.isPending}
      emptyText="Nobody found"
      onValueChange={(reviewer) => ask.mutate({ org, pr: pull.metadata.name, reviewers: [reviewer] })}
      trigger={trigger}
    />
  );
}

const ICON = 'size-4 shrink-0 text-subtle';

function option(value: string, description: string | undefined, icon: ReactNode) {
  return { value, icon, ...(description === undefined || description === value ? {} : { description }) };
}
