import { Ban, Check, CircleHelp, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { RuleAction, RuleVerdict } from '#shared/api/pushPolicies';
import { errorMessage } from '../../api/errors';
import { useLiveList } from '../../api/liveList';
import { useRpc } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { Combobox } from '../../ui/fields/Combobox';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Card } from '../../ui/PageHeader';
import { Select } from '../../ui/fields/Select';
import { useRepository } from '../repositories/repositoryContext';
import { SourceBadge } from './SourceBadge';

const ACTIONS: readonly { value: RuleAction; label: string }[] = [
  { value: 'push', label: 'pushes to' }, { value: 'force-push', label: 'force-pushes' }, { value: 'create', label: 'creates' }, { value: 'delete', label: 'deletes' }, { value: 'merge', label: 'merges into' },
];

/** Who, what and where: what would become of it, and by which rule. Nothing is changed. */
export function TryRules() {
  const { org, repo, defaultBranch } = useRepository();
  const me = useInfo()?.actor.name;
  const people = useLiveList('users', { org });
  const [actor, setActor] = useState<string>();
  const [action, setAction] = useState<RuleAction>('push');
  const [ref, setRef] = useState(defaultBranch);
  const who = actor ?? me;
  const { data, error } = useRpc('hooks.evaluate', { org, repository: repo, ref, action, ...(who === undefined || who === me ? {} : { actor: who }) }, { enabled: ref !== '', keepPrevious: true });
  return (
    <Card title="Try it">
      <div className="flex flex-col gap-3">
        <Field label="Who">
          {(control) => <Combobox {...control} className="w-full" value={who} onValueChange={setActor} options={people.items.map(({ metadata, spec }) => ({ value: metadata.name, description: spec.displayName }))} />}
        </Field>
        <Field label="Does what">{(control) => <Select {...control} className="w-full" value={action} onValueChange={setAction} options={ACTIONS} />}</Field>
        <Field label="Where" help="A branch, or a full name such as refs/tags/v1.">{(control) => <Input {...control} mono value={ref} onChange={(event) => setRef(event.target.value.trim())} />}</Field>
        <div role="status" aria-live="polite" className="flex flex-col gap-2">
          {error !== null && <FieldError>{errorMessage(error)}</FieldError>}
          {error === null && data !== undefined && (
            <>
              <p className={`rounded-md px-2.5 py-2 ${TONES[data.outcome]}`}>{data.message}</p>
              <ol aria-label="Rules that are asked" className="flex flex-col gap-1.5">
                {data.rules.filter(({ verdict, source }) => source !== 'built-in' || verdict === 'refuses').map((rule) => <VerdictRow key={rule.id} rule={rule} />)}
              </ol>
            </>
          )}
        </div>
      </div>
    </Card>
  );
}

const TONES = { allowed: 'bg-success-soft text-success', refused: 'bg-danger-soft text-danger', depends: 'bg-info-soft text-info' } as const;
const VERDICTS = {
  allows: { icon: Check, label: 'Allows', tone: 'text-success' }, refuses: { icon: Ban, label: 'Refuses', tone: 'text-danger' }, bypassed: { icon: TriangleAlert, label: 'Does not bind them', tone: 'text-warning' },
  warns: { icon: TriangleAlert, label: 'Warns', tone: 'text-warning' }, depends: { icon: CircleHelp, label: 'Depends', tone: 'text-info' },
} as const;

function VerdictRow({ rule }: { rule: RuleVerdict }) {
  const { icon: Icon, label, tone } = VERDICTS[rule.verdict];
  return (
    <li className="flex items-start gap-2 text-xs">
      <Icon aria-label={label} className={`mt-0.5 size-3.5 shrink-0 ${tone}`} />
      <span className="min-w-0 flex-1"><span className="flex flex-wrap items-center gap-1 font-medium">{rule.title} <SourceBadge source={rule.source} /></span><span className="text-muted wrap-anywhere">{rule.verdict === 'allows' ? rule.message : rule.verdict === 'depends' ? rule.summary : rule.message}</span></span>
    </li>
  );
}
