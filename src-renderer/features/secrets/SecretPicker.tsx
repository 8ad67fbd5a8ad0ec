import { useRpc } from '../../api/rpc';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';

/** One of the organization's Secrets, or none. Who may not list them writes the name. */
export function SecretPicker({ org, value, onChange, ...control }: { org: string; value: string | undefined; onChange: (name: string | undefined) => void; id?: string; 'aria-describedby'?: string | undefined; 'aria-invalid'?: true | undefined }) {
  const secrets = useRpc('secrets.list', { org });
  if (secrets.error !== null) return <Input {...control} mono value={value ?? ''} placeholder="Name of the Secret" onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)} />;
  const names = (secrets.data?.items ?? []).map(({ name }) => name);
  const options = [{ value: '', label: 'None' }, ...[...new Set([...names, ...(value === undefined ? [] : [value])])].map((name) => ({ value: name, label: name }))];
  return <Select {...control} value={value ?? ''} onValueChange={(name) => onChange(name === '' ? undefined : name)} options={options} className="w-full" />;
}
