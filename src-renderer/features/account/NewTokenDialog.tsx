import { useState } from 'react';
import { TOKEN_SCOPE_TITLES } from '#shared/access/roleTitles';
import { coversScope, TOKEN_SCOPES, type TokenScope } from '#shared/access/roles';
import type { CreatedToken } from '#shared/api/account';
import type { ApiError } from '../../api/errors';
import { formErrors } from '../../api/formErrors';
import { CheckField } from '../../ui/fields/CheckField';
import { Field, FieldError } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';
import { ShownToken } from './ShownToken';

export interface TokenDraft {
  readonly title: string;
  readonly scopes: TokenScope[];
  readonly expiresInDays: number;
  readonly org?: string;
}

export interface NewTokenDialogProps {
  heading: string;
  /** Organizations that the token may be limited to; absent: it belongs to one anyway. */
  organizations?: readonly { org: string; displayName: string }[];
  /** The mutation that makes it. */
  create: { mutate: (draft: TokenDraft) => void; isPending: boolean; error: ApiError | null; data: CreatedToken | undefined };
  onClose: () => void;
}

/** Makes a token: what it may do in words, until when, and where. Then shows it, this once. */
export function NewTokenDialog({ heading, organizations, create, onClose }: NewTokenDialogProps) {
  const [title, setTitle] = useState('');
  const [scopes, setScopes] = useState<readonly TokenScope[]>(['read']);
  const [days, setDays] = useState('90');
  const [org, setOrg] = useState('');
  if (create.data !== undefined) return <ShownToken created={create.data} onClose={onClose} />;
  const canLimit = organizations !== undefined && organizations.length > 0;
  const errors = formErrors(create.error, { title: 'title', scopes: 'scopes', days: 'expiresInDays', org: canLimit ? 'org' : [] });
  return (
    <FormDialog
      title={heading}
      submitLabel="Create token"
      ready={title.trim() !== '' && scopes.length > 0}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={() => create.mutate({ title: title.trim(), scopes: [...scopes], expiresInDays: Number(days), ...(org === '' ? {} : { org }) })}
      onClose={onClose}
    >
      <Field label="What it is for" required error={errors.at.title}>{(control) => <Input {...control} autoFocus value={title} placeholder="Laptop, backup script, CI…" onChange={(event) => setTitle(event.target.value)} />}</Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium">What it may do</legend>
        <p className="-mt-1 text-xs text-subtle">Never more than its owner. Choose as little as will do.</p>
        {TOKEN_SCOPES.map((scope) => {
          const implied = !scopes.includes(scope) && coversScope(scopes, [scope]);
          return (
            <CheckField
              key={scope}
              label={<code className="font-mono text-xs font-semibold">{scope}</code>}
              help={<>{TOKEN_SCOPE_TITLES[scope]}{implied && ' Already in what is chosen.'}</>}
              checked={implied || scopes.includes(scope)}
              disabled={implied}
              onCheckedChange={(checked) => setScopes(checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))}
            />
          );
        })}
        {errors.at.scopes !== undefined && <FieldError>{errors.at.scopes}</FieldError>}
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Good for" error={errors.at.days}>{(control) => <Select {...control} className="w-full" value={days} onValueChange={setDays} options={LIVES} />}</Field>
        {canLimit && (
          <Field label="Where" error={errors.at.org}>
            {(control) => <Select {...control} className="w-full" value={org} onValueChange={setOrg} options={[{ value: '', label: 'All my organizations' }, ...organizations.map((each) => ({ value: each.org, label: each.displayName }))]} />}
          </Field>
        )}
      </div>
    </FormDialog>
  );
}

const LIVES = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '0', label: 'Until revoked', description: 'Where the server allows it' },
];
