import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { API_GROUP } from '#shared/kind/objectMeta';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useKinds } from '../../../shell/useKinds';
import { useOrg } from '../../../shell/useOrg';
import { CheckField } from '../../../ui/fields/CheckField';
import { Combobox } from '../../../ui/fields/Combobox';
import { ComboboxMany } from '../../../ui/fields/ComboboxMany';
import { Field, FieldError } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
import { Select } from '../../../ui/fields/Select';

/** Gives a service account some verbs on some kinds, everywhere or in one repository, for a while or for good. */
export function NewBindingDialog({ account, onClose }: { account: string; onClose: () => void }) {
  const org = useOrg();
  const queries = useQueryClient();
  const kinds = useKinds();
  const repositories = useLiveList('repositories', { org, sort: 'metadata.name', limit: 500 });
  const [roleName, setRoleName] = useState('');
  const [resources, setResources] = useState<readonly string[]>([]);
  const [verbs, setVerbs] = useState<readonly string[]>(READ);
  const [repository, setRepository] = useState('');
  const [days, setDays] = useState('0');
  const create = useVerb('resources.create', {
    onError: () => undefined,
    onSuccess: (binding) => {
      recordObject(queries, { kind: 'agentrolebindings', org, type: 'ADDED' }, binding);
      onClose();
    },
  });
  const errors = formErrors(create.error, {
    on: 'spec.resourceRules', verbs: 'spec.resourceRules[0].verbs', where: 'spec.scope', until: 'spec.expiresAt', name: 'spec.roleRef',
  });
  const name = roleName.trim() === '' ? `${account}-${resources[0] ?? 'role'}` : roleName.trim();
  const submit = () => {
    create.mutate({
      org,
      resource: {
        kind: 'AgentRoleBinding',
        metadata: { generateName: `${account}-`.slice(0, 50) },
        spec: {
          subject: { kind: 'service-account', name: account },
          scope: repository === '' ? { kind: 'organization' } : { kind: 'repository', name: repository },
          roleRef: { kind: 'Role', name },
          resourceRules: [{ apiGroups: [API_GROUP], resources: [...resources], verbs: [...verbs] }],
          ...(days === '0' ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
        },
      },
    });
  };
  const toggle = (verb: string, chosen: boolean) => setVerbs(chosen ? [...verbs, verb] : verbs.filter((each) => each !== verb));
  return (
    <FormDialog
      title={`Give ${account} permissions`}
      submitLabel="Give"
      ready={resources.length > 0 && verbs.length > 0}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="On what" required error={errors.at.on}>
        {(control) => <ComboboxMany {...control} placeholder="Add a kind…" chosen={resources} onChange={setResources} options={(kinds?.all ?? []).map(({ plural, title }) => ({ value: plural, label: title, description: plural }))} />}
      </Field>
      <fieldset>
        <legend className="mb-1.5 text-sm font-medium">What</legend>
        <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
          {VERBS.map(({ verb, title }) => (
            <CheckField key={verb} label={title} checked={verbs.includes(verb)} onCheckedChange={(checked) => toggle(verb, checked)} />
          ))}
        </div>
        {errors.at.verbs !== undefined && <FieldError>{errors.at.verbs}</FieldError>}
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Where" error={errors.at.where}>
          {(control) => <Combobox {...control} value={repository} onValueChange={setRepository} clearable placeholder="The whole organization" options={repositories.items.map(({ metadata }) => ({ value: metadata.name }))} />}
        </Field>
        <Field label="For how long" error={errors.at.until}>
          {(control) => <Select {...control} className="w-full" value={days} onValueChange={setDays} options={[{ value: '0', label: 'Until taken away' }, { value: '1', label: 'A day' }, { value: '7', label: '7 days' }, { value: '30', label: '30 days' }, { value: '90', label: '90 days' }]} />}
        </Field>
      </div>
      <Field label="Called" optional error={errors.at.name} help="The role's name in a cluster.">{(control) => <Input {...control} mono value={roleName} placeholder={name} onChange={(event) => setRoleName(event.target.value)} />}</Field>
    </FormDialog>
  );
}

const DAY_MS = 24 * 3_600_000;
const READ = ['get', 'list', 'watch'];
const VERBS = [
  { verb: 'get', title: 'Read one' }, { verb: 'list', title: 'List' }, { verb: 'watch', title: 'Watch' },
  { verb: 'create', title: 'Create' }, { verb: 'update', title: 'Change' }, { verb: 'delete', title: 'Delete' },
  { verb: 'dispatch', title: 'Dispatch' }, { verb: 'merge', title: 'Merge' }, { verb: 'push', title: 'Push' },
];
