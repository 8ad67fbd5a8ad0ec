import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { fieldLabel } from '#shared/kind/fieldLabel';
import type { FormField } from '#shared/kind/form';
import { rpcQuery } from '../api/rpc';
import { anyOf, oneOf, useKinds } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { Checkbox } from '../ui/fields/Checkbox';
import { Combobox } from '../ui/fields/Combobox';
import type { FieldControlProps } from '../ui/fields/Field';
import { Input } from '../ui/fields/Input';
import { Select } from '../ui/fields/Select';
import { Skeleton } from '../ui/Skeleton';
import { Textarea } from '../ui/fields/Textarea';
import { KeyValueInput } from './KeyValueInput';
import { TextListInput } from './TextListInput';

export interface ControlProps extends FieldControlProps {
  field: FormField;
  value: unknown;
  onChange: (value: unknown) => void;
  disabled: boolean;
}

/** The control that fits a field. */
export function FieldControl({ field, value, onChange, disabled, ...control }: ControlProps) {
  const text = typeof value === 'string' ? value : '';
  const shared = { ...control, disabled, ...(field.placeholder === undefined ? {} : { placeholder: field.placeholder }) };
  switch (field.widget) {
    case 'textarea':
      return <Textarea {...shared} value={text} onChange={(event) => onChange(event.target.value)} />;
    case 'number':
      return <Input {...shared} type="number" inputMode="decimal" step={field.constraints.integer === true ? 1 : 'any'} value={typeof value === 'number' ? value : ''} onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.valueAsNumber)} className="max-w-48" />;
    case 'select':
      return field.many === true ? <ManySelect {...shared} field={field} value={value} onChange={onChange} /> : <OneSelect {...shared} field={field} value={text} onChange={onChange} />;
    case 'ref':
      return field.many === true
        ? <TextListInput {...shared} value={texts(value)} onChange={onChange} />
        : <RefSelect {...control} refKind={field.refKind ?? ''} value={text} onChange={onChange} disabled={disabled} required={field.required} />;
    case 'list':
      return <TextListInput {...shared} value={texts(value)} onChange={onChange} />;
    case 'command':
      return <TextListInput {...shared} mono value={texts(value)} onChange={onChange} addLabel="Add an argument" />;
    case 'keyvalue':
      return <KeyValueInput {...shared} value={isTextRecord(value) ? value : {}} onChange={onChange} />;
    case 'yaml':
      return <Suspense fallback={<Skeleton className="h-16" />}><YamlInput {...shared} value={value} onChange={onChange} /></Suspense>;
    case 'secret':
      return <Input {...shared} type="password" autoComplete="new-password" value={text} onChange={(event) => onChange(event.target.value)} />;
    default:
      return <Input {...shared} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}

const YamlInput = lazy(() => import('./YamlInput').then((module) => ({ default: module.YamlInput })));

function OneSelect({ field, value, onChange, ...shared }: Omit<ControlProps, 'value'> & { value: string; placeholder?: string }) {
  const options = (field.options ?? []).map((option) => ({ value: option.value, label: option.label }));
  return <Select {...shared} value={value} onValueChange={onChange} options={field.required ? options : [{ value: '', label: 'Not set' }, ...options]} className="max-w-72" />;
}

function ManySelect({ field, value, onChange, disabled, id }: ControlProps) {
  const chosen = texts(value);
  return (
    <div id={id} role="group" aria-label={field.label} className="flex flex-wrap gap-x-4 gap-y-1.5">
      {(field.options ?? []).map((option) => (
        <label key={option.value} className="flex items-center gap-1.5">
          <Checkbox disabled={disabled} checked={chosen.includes(option.value)} onCheckedChange={(checked) => onChange(checked ? [...chosen, option.value] : chosen.filter((each) => each !== option.value))} />
          {option.label}
        </label>
      ))}
    </div>
  );
}

/** One object of another kind; a name that does not exist (yet) may be typed. */
function RefSelect({ refKind, value, onChange, disabled, required, ...control }: FieldControlProps & { refKind: string; value: string; onChange: (value: string) => void; disabled: boolean; required: boolean }) {
  const org = useOrg();
  const known = useKinds()?.find(refKind);
  // A kind of another maker has no title here.
  const words = known ?? { title: fieldLabel(refKind) };
  const [q, setQ] = useState('');
  const { data, isFetching } = useQuery({ ...rpcQuery('resources.list', { org, kind: refKind, limit: 50, ...(q === '' ? {} : { q }) }), enabled: known !== undefined });
  return (
    <Combobox
      {...control}
      value={value}
      onValueChange={onChange}
      options={(data?.items ?? []).map((item) => ({ value: item.metadata.name }))}
      onSearch={setQ}
      loading={isFetching && data === undefined}
      allowCustom
      clearable={!required}
      disabled={disabled}
      placeholder={`Choose ${anyOf(words)}`}
      emptyText={`There is no ${oneOf(words)} of that name; type one to name it anyway`}
      className="max-w-96"
    />
  );
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
}
