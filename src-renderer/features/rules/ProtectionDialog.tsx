import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import type { ObjectByPlural } from '../../api/liveList';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { SwitchField } from '../../ui/fields/SwitchField';
import { useRepository } from '../repositories/repositoryContext';
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
  const errors = formErrors(rule.error, { refs: 'spec.refs', approvals: 'spec.requiredApprovals', checks: 'spec.requiredChecks' });
  const list = listOf(refs);
  const set = (change: Partial<Spec>) => setSpec({ ...spec, ...change });
  const submit = () => {
    const { requiredChecks: _old, ...rest } = spec;
    const requiredChecks = listOf(checks);
    rule.save(object?.metadata.name ?? freeName(`${repo}-${list[0] ?? 'rule'}`, taken), { ...rest, organizationRef: org, repository: repo, refs: list, ...(requiredChecks.length === 0 ? {} : { requiredChecks }) });
  };
  const switches = (rows: typeof DIRECT) => rows.map(([flag, label, help]) => <SwitchField key={flag} label={label} help={help} checked={spec[flag] === true} onCheckedChange={(checked) => set({ [flag]: checked })} />);
  return (
    <FormDialog
      title={object === undefined ? 'Protect a branch' : `Edit ${object.metadata.name}`}
      submitLabel={object === undefined ? 'Protect' : 'Save'}
      ready={list.length !== 0}
      pending={rule.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Branches" help="Names or patterns, with commas between: main, release/*" error={errors.at.refs}>
        {(control) => <Input {...control} autoFocus mono value={refs} onChange={(event) => setRefs(event.target.value)} />}
      </Field>
      <fieldset className="flex flex-col gap-2.5"><legend className="mb-2 font-medium">Of pushes</legend>{switches(DIRECT)}</fieldset>
      <fieldset className="flex flex-col gap-2.5">
        <legend className="mb-2 font-medium">Of merges</legend>
        <Field label="Approving reviews" error={errors.at.approvals}>
          {(control) => <Input {...control} type="number" min={0} max={10} className="max-w-24" value={spec.requiredApprovals ?? 0} onChange={(event) => set({ requiredApprovals: Math.min(10, Math.max(0, event.target.valueAsNumber || 0)) })} />}
        </Field>
        <Field label="Checks that must have succeeded" help="Names, with commas between." error={errors.at.checks}>
          {(control) => <Input {...control} mono value={checks} onChange={(event) => setChecks(event.target.value)} />}
        </Field>
        {switches(MERGE)}
      </fieldset>
      <SwitchField label="Administrators are bound, too" help="Else they may break the rule; they are told, and it is recorded." checked={spec.enforceAdmins !== false} onCheckedChange={(enforceAdmins) => set({ enforceAdmins })} />
    </FormDialog>
  );
}
