import { CircleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ApiError } from '../api/errors';
import type { KindDetail } from '../shell/useKinds';
import { Field } from '../ui/fields/Field';
import { Input } from '../ui/fields/Input';
import { unplacedErrors, type FormObject } from './formState';
import { FormFields } from './FormFields';
import { KeyValueInput } from './KeyValueInput';

export interface ResourceFormProps {
  kind: Pick<KindDetail, 'form'>;
  object: FormObject;
  onChange: (object: FormObject) => void;
  /** Messages by field path. */
  errors: Readonly<Record<string, string>>;
  /** The failure as a whole. */
  error?: ApiError | null | undefined;
  /** The object exists: its name and immutable fields cannot be changed. */
  editing?: boolean;
  onSubmit: () => void;
  footer: ReactNode;
}

/** The form of any kind, from its declaration. */
export function ResourceForm({ kind, object, onChange, errors, error, editing = false, onSubmit, footer }: ResourceFormProps) {
  const [advanced, setAdvanced] = useState(false);
  const basic = kind.form.filter((field) => !field.advanced);
  const rest = kind.form.filter((field) => field.advanced);
  // An error in a closed part has to be seen.
  const open = advanced || rest.some((field) => Object.keys(errors).some((path) => path.startsWith(field.path)));
  const unplaced = unplacedErrors(errors, kind.form);
  return (
    <form
      noValidate
      className="flex max-w-3xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {(unplaced.length > 0 || (error !== null && error !== undefined && Object.keys(errors).length === 0)) && (
        <div role="alert" className="flex gap-2 rounded-md bg-danger-soft px-3 py-2 text-danger">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <div className="min-w-0 break-words">
            {error?.message}
            {unplaced.map(([path, message]) => <p key={path}>{path === '' ? '' : <code className="mr-1 text-xs">{path}</code>}{message}</p>)}
          </div>
        </div>
      )}
      {!editing && (
        <Field label="Name" required error={errors['metadata.name']} help="Lower case letters, digits, “-” and “.”. It cannot be changed later.">
          {(control) => <Input {...control} autoFocus mono value={object.metadata.name ?? ''} onChange={(event) => onChange({ ...object, metadata: { ...object.metadata, name: event.target.value === '' ? undefined : event.target.value } })} />}
        </Field>
      )}
      <FormFields fields={basic} object={object} onChange={onChange} errors={errors} editing={editing} />
      <details open={open} onToggle={(event) => setAdvanced(event.currentTarget.open)} className="rounded-md border bg-surface">
        <summary className="px-3 py-2 text-sm font-medium">Advanced{rest.length > 0 && <span className="ml-2 font-normal text-subtle">{rest.length} fields and labels</span>}</summary>
        {open && (
          <div className="flex flex-col gap-4 border-t p-3">
            <FormFields fields={rest} object={object} onChange={onChange} errors={errors} editing={editing} />
            <Field label="Labels" error={errors['metadata.labels']}>
              {(control) => <KeyValueInput {...control} value={object.metadata.labels ?? {}} onChange={(labels) => onChange({ ...object, metadata: { ...object.metadata, labels: Object.keys(labels).length === 0 ? undefined : labels } })} />}
            </Field>
          </div>
        )}
      </details>
      <div className="sticky -bottom-4 -mb-4 flex flex-wrap items-center justify-end gap-2 border-t bg-canvas py-3">{footer}</div>
    </form>
  );
}
