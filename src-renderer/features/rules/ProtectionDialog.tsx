import { useState } from 'react';
import type { ObjectByPlural } from '../../api/liveList';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { useRepository } from '../repositories/repositoryContext';
import { RuleSwitch } from './RuleSwitch';
import { freeName, listOf, useSaveRule } from './useSaveRule';

type Protection = ObjectByPlural<'branchprotections'>;
type Spec = Protection['spec'];
type Flag = { [TKey in keyof Spec]-?: Spec[TKey] extends boolean ? TKey : never }[keyof Spec];

const DIRECT: readonly [Flag, string, string?][] = [
  ['requirePullRequest', 'Changes only by pull request', 'git refuses direct pushes, and says why.'],
  ['allowForcePush', 'Force pushes are allowed', 'What was pushed may be rewritten.'],
  ['allowDeletion', 'It may be deleted'],
  ['requireLinearHistory', 'No merge commits', 'Pull requests are squashed or rebased.'],
  ['requireSignedCommits', 'Commits are signed', 'By a key of a member; what this server makes, it signs itself.'],
];
const MERGE: readonly [Flag, string, string?][] = [
  ['requireCodeOwnerReview', 'Code owners approve what is theirs', 'As CODEOWNERS of the target says.'],
  ['dismissStaleReviews', 'A push takes approvals back'],
  ['requireLastPushApproval', 'Somebody other than the last pusher approves'],
  ['requireUpToDate', 'The source has the newest commit of the target'],
  ['requireConversationResolution', 'Every conversation is resolved'],
  ['countAgentApprovals', 'Approvals of agents count'],
  ['countRequesterApprovals', 'Who started a run may approve its work'],
];

const NEW: Partial<Spec> = { requirePullRequest: true, requiredApprovals: 0, enforceAdmins: true };

/** Makes or edits the protection of branches. */
export function ProtectionDialog({ object, taken, onClose, onSaved }: { object?: Protection | undefined; taken: readonly string[]; onClose: () => void; onSaved: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  const [refs, setRefs] = useState((object?.spec.refs ?? [defaultBranch]).join(', '));
  const [checks, setChecks] = useState((object?.spec.requiredChecks ?? []).join(', '));
  const [spec, setSpec] = useState<Partial<Spec>>(object?.spec ?? NEW);
  const rule = useSaveRule('branchprotections', { org, object, onSaved: () => { onSaved(); onClose(); } });
  const list = listOf(refs);
  const set = (change: Partial<Spec>) => setSpec({ ...spec, ...change });
  const submit = () => {
    if (list.length === 0) return;
    const { requiredChecks: _old, ...rest } = spec;
    const requiredChecks = listOf(checks);
    rule.save(object?.metadata.name ?? freeName(`${repo}-${list[0] ?? 'rule'}`, taken), { ...rest, organizationRef: org, repository: repo, refs: list, ...(requiredChecks.length === 0 ? {} : { requiredChecks }) });
  };
  const switches = (rows: typeof DIRECT) => rows.map(([flag, label, help]) => <RuleSwitch key={flag} label={label} {...(help === undefined ? {} : { help })} checked={spec[flag] === true} onChange={(checked) => set({ [flag]: checked })} />);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={object === undefined ? 'Protect a branch' : `Edit ${object.metadata.name}`}
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={rule.isPending} disabled={list.length === 0} onClick={submit}>{object === undefined ? 'Protect' : 'Save'}</Button></>}
    >
      <form className="flex flex-col gap-4 pb-2" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <Field label="Branches" help="Names or patterns, with commas between: main, release/*" error={rule.errors['spec.refs'] ?? rule.errors['spec.refs[0]']}>
          {(control) => <Input {...control} autoFocus mono value={refs} onChange={(event) => setRefs(event.target.value)} />}
        </Field>
        <fieldset className="flex flex-col gap-2.5"><legend className="mb-2 font-medium">Of pushes</legend>{switches(DIRECT)}</fieldset>
        <fieldset className="flex flex-col gap-2.5">
          <legend className="mb-2 font-medium">Of merges</legend>
          <Field label="Approving reviews" error={rule.errors['spec.requiredApprovals']}>
            {(control) => <Input {...control} type="number" min={0} max={10} className="max-w-24" value={spec.requiredApprovals ?? 0} onChange={(event) => set({ requiredApprovals: Math.min(10, Math.max(0, event.target.valueAsNumber || 0)) })} />}
          </Field>
          <Field label="Checks that must have succeeded" help="Names, with commas between." error={rule.errors['spec.requiredChecks']}>
            {(control) => <Input {...control} mono value={checks} onChange={(event) => setChecks(event.target.value)} />}
          </Field>
          {switches(MERGE)}
        </fieldset>
        <RuleSwitch label="Administrators are bound, too" help="Else they may break the rule; they are told, and it is recorded." checked={spec.enforceAdmins !== false} onChange={(enforceAdmins) => set({ enforceAdmins })} />
        {rule.problem !== undefined && <FieldError>{rule.problem}</FieldError>}
      </form>
    </Dialog>
  );
}
