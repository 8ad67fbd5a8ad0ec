import { useState } from 'react';
import { SECRET_TYPES, type SecretView } from '#shared/api/secrets';
import { formErrors } from '../../api/formErrors';
import { useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';
import { EntriesInput, toData, type Entry } from './EntriesInput';

const TYPES = SECRET_TYPES.map((value) => ({ value, label: value === 'Opaque' ? 'Any keys' : value.replace('kubernetes.io/', '') }));

/** Source: kubernetes.io/docs/concepts/configuration/secret, "Types of Secret". */
const KEYS_OF: Readonly<Record<(typeof SECRET_TYPES)[number], readonly string[]>> = {
  Opaque: [], 'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'], 'kubernetes.io/tls': ['tls.crt', 'tls.key'], 'kubernetes.io/basic-auth': ['username', 'password'],
};

/** Makes a secret, or a new version of one that is there. */
export function SecretDialog({ secret, onClose }: { secret?: SecretView; onClose: () => void }) {
  const org = useOrg();
  const [name, setName] = useState(secret?.name ?? '');
  const [type, setType] = useState<(typeof SECRET_TYPES)[number]>('Opaque');
  const [entries, setEntries] = useState<readonly Entry[]>(secret === undefined ? [{ key: '', value: '' }] : secret.keys.map((key) => ({ key, value: '' })));
  const save = useVerb('secrets.put', { onError: () => undefined, onSuccess: onClose, invalidates: [['secrets.list'], ['secrets.versions']], done: secret === undefined ? 'The secret is stored' : 'A new version is stored' });
  const chooseType = (next: typeof type) => {
    setType(next);
    // The entries that the server asks for with such a secret; what was typed already stays.
    const typed = entries.filter(({ key, value }) => value !== '' || !(KEYS_OF[type].includes(key) || key === ''));
    const wanted = KEYS_OF[next].filter((key) => !typed.some((entry) => entry.key === key)).map((key) => ({ key, value: '' }));
    setEntries(typed.length + wanted.length === 0 ? [{ key: '', value: '' }] : [...typed, ...wanted]);
  };
  const errors = formErrors(save.error, { name: secret === undefined ? 'name' : [], type: secret === undefined ? 'type' : [] });
  // What is left empty keeps its value: nobody here could type it again.
  const changed = entries.filter(({ key, value }) => secret === undefined || value !== '' || !secret.keys.includes(key.trim()));
  const removed = secret?.keys.filter((key) => !entries.some((entry) => entry.key.trim() === key)) ?? [];
  const data = toData(changed);
  return (
    <FormDialog
      size="lg"
      title={secret === undefined ? 'New secret' : `New version of ${secret.name}`}
      description={secret === undefined ? 'The values can be replaced later, never read.' : 'An empty value keeps what is there. Runs that are going keep the version that they were given.'}
      submitLabel={secret === undefined ? 'Store' : 'Store a new version'}
      ready={name.trim() !== '' && (Object.keys(data).length > 0 || removed.length > 0)}
      pending={save.isPending}
      problem={errors.rest}
      onSubmit={() => save.mutate({ org, name: name.trim(), data, ...(secret === undefined ? { type, expectedVersion: 0 } : { mode: 'merge', remove: removed, expectedVersion: secret.version }) })}
      onClose={onClose}
    >
      {secret === undefined && (
        <div className="flex flex-wrap gap-4">
          <Field label="Name" required className="flex-1 basis-56" error={errors.at.name}>{(control) => <Input {...control} mono autoFocus placeholder="model-provider" value={name} onChange={(event) => setName(event.target.value)} />}</Field>
          <Field label="Kind of secret" error={errors.at.type} className="basis-48">{(control) => <Select {...control} value={type} onValueChange={chooseType} options={TYPES} />}</Field>
        </div>
      )}
      <EntriesInput hidden kept={secret?.keys ?? []} entries={entries} onChange={setEntries} />
    </FormDialog>
  );
}
