import { Plus, Trash2 } from 'lucide-react';
import type { FormField } from '#shared/kind/form';
import { Button } from '../ui/Button';
import { Field, FieldError } from '../ui/fields/Field';
import { IconButton } from '../ui/IconButton';
import { Switch } from '../ui/fields/Switch';
import { FieldControl } from './FieldControl';
import { elementFields, errorOf, fieldValue, isEmpty, setField, type FormObject } from './formState';

export interface FormFieldsProps {
  fields: readonly FormField[];
  object: FormObject;
  onChange: (object: FormObject) => void;
  errors: Readonly<Record<string, string>>;
  editing: boolean;
}

/** Fields one below the other; groups and lists of groups within a frame. */
export function FormFields(props: FormFieldsProps) {
  return props.fields.map((field) => <FormRow key={field.path} field={field} {...props} />);
}

function FormRow({ field, object, onChange, errors, editing }: FormFieldsProps & { field: FormField }) {
  const value = fieldValue(object, field.path);
  const error = errorOf(errors, field);
  const disabled = editing && field.immutable;
  const set = (next: unknown) => onChange(setField(object, field.path, next));
  const shared = { object, onChange, errors, editing };
  if (field.widget === 'group') {
    const { fields = [] } = field;
    // An optional group asks for nothing until something is in it.
    const isAsked = field.required || !isEmpty(value);
    return (
      <fieldset className="flex min-w-0 flex-col gap-3 rounded-md border bg-surface p-3 pt-1">
        <legend className="px-1 font-medium">{field.label}</legend>
        {field.help !== undefined && <p className="text-xs text-subtle">{field.help}</p>}
        <FormFields fields={isAsked ? fields : fields.map((child) => ({ ...child, required: false }))} {...shared} />
        {error !== undefined && <FieldError>{error}</FieldError>}
      </fieldset>
    );
  }
  if (field.widget === 'items') return <ItemsRow field={field} error={error} {...shared} />;
  if (field.widget === 'switch') {
    const id = `field-${field.path}`;
    return (
      <div className="flex items-start gap-3">
        <Switch id={id} disabled={disabled} checked={value === true} onCheckedChange={set} aria-describedby={field.help === undefined ? undefined : `${id}-help`} className="mt-0.5" />
        <div className="min-w-0">
          <label htmlFor={id} className="font-medium">{field.label}</label>
          {field.help !== undefined && <p id={`${id}-help`} className="text-xs text-subtle">{field.help}</p>}
          {error !== undefined && <FieldError>{error}</FieldError>}
        </div>
      </div>
    );
  }
  return (
    <Field label={field.label} required={field.required} help={disabled ? `${field.help ?? ''} Cannot be changed after creation.`.trim() : field.help} error={error}>
      {(control) => <FieldControl {...control} field={field} value={value} onChange={set} disabled={disabled} />}
    </Field>
  );
}

function ItemsRow({ field, object, onChange, errors, editing, error }: Omit<FormFieldsProps, 'fields'> & { field: FormField; error: string | undefined }) {
  const value = fieldValue(object, field.path);
  const elements: readonly unknown[] = Array.isArray(value) ? value : [];
  const set = (next: readonly unknown[]) => onChange(setField(object, field.path, next));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 font-medium">{field.label}</legend>
      {field.help !== undefined && <p className="text-xs text-subtle">{field.help}</p>}
      {elements.map((_, index) => (
        <div key={index} className="flex gap-2 rounded-md border bg-surface p-3">
          <div className="flex min-w-0 flex-1 flex-col gap-3">
            <FormFields fields={elementFields(field, index)} object={object} onChange={onChange} errors={errors} editing={editing} />
          </div>
          <IconButton size="sm" label={`Remove ${field.label} ${index + 1}`} onClick={() => set(elements.filter((_, at) => at !== index))}><Trash2 /></IconButton>
        </div>
      ))}
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div><Button size="sm" icon={<Plus />} onClick={() => set([...elements, {}])}>Add</Button></div>
    </fieldset>
  );
}
