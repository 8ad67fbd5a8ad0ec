import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toApiError, type ApiError } from '../../api/errors';
import { formErrors } from '../../api/formErrors';
import { recordObject } from '../../api/liveChanges';
import { callRpc } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { CheckField } from '../../ui/fields/CheckField';
import { CopyButton } from '../../ui/CopyButton';
import { Field, type FieldControlProps } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';
import { nameFrom } from '../people/nameFrom';
import { EMPTY_DRAFT, isRemote, toDraft, toSpecPatch, type ProviderDraft, type ProviderType } from './providerDraft';
import { INSTALLATION_ORG, type ProviderObject } from './authProviders';

/** Adds or changes a way to sign in. A client secret goes into a Secret; the provider only names it. */
export function ProviderDialog({ provider, onClose }: { provider: ProviderObject | undefined; onClose: () => void }) {
  const queries = useQueryClient();
  const origin = useInfo()?.origin ?? '';
  const [draft, setDraft] = useState<ProviderDraft>(() => (provider === undefined ? EMPTY_DRAFT : toDraft(provider.metadata.name, provider.spec)));
  const [error, setError] = useState<ApiError>();
  const [pending, setPending] = useState(false);
  const set = (change: Partial<ProviderDraft>) => setDraft((before) => ({ ...before, ...change }));
  const name = draft.name === '' ? nameFrom(draft.displayName) : draft.name;
  const remote = isRemote(draft.type);
  const delegated = draft.type === 'delegated';
  const errors = formErrors(error, {
    type: 'spec.type', displayName: 'spec.displayName', name: 'metadata.name',
    issuerUrl: draft.type === 'oidc' ? 'spec.issuerUrl' : [],
    clientId: remote ? 'spec.clientId' : [], clientSecret: remote ? 'spec.clientSecretRef' : [],
    userHeader: delegated ? 'spec.headers' : [], trustedProxies: delegated ? 'spec.trustedProxies' : [],
    allowedDomains: remote || delegated ? 'spec.allowedDomains' : [], adminGroups: remote || delegated ? 'spec.adminGroups' : [],
  });
  const save = async () => {
    setPending(true);
    setError(undefined);
    try {
      const secretName = remote && draft.clientSecret !== '' ? (provider?.spec.clientSecretRef?.name ?? `sign-in-${name}`) : undefined;
      if (secretName !== undefined) await callRpc('secrets.put', { org: INSTALLATION_ORG, name: secretName, data: { [provider?.spec.clientSecretRef?.key ?? 'clientSecret']: draft.clientSecret }, mode: 'merge' });
      const patch = toSpecPatch(draft, secretName);
      const object = provider === undefined
        ? await callRpc('resources.create', { org: INSTALLATION_ORG, resource: { kind: 'AuthProvider', metadata: { name }, spec: withoutNulls(patch) } })
        : await callRpc('resources.patch', { org: INSTALLATION_ORG, kind: 'authproviders', name, patch: { spec: patch } });
      recordObject(queries, { kind: 'authproviders', org: INSTALLATION_ORG, type: provider === undefined ? 'ADDED' : 'MODIFIED' }, object);
      onClose();
    } catch (cause) {
      setError(toApiError(cause));
      setPending(false);
    }
  };
  const text = (key: Exclude<keyof ProviderDraft, 'type' | 'enabled' | 'createUsers'>, opts: { mono?: boolean; placeholder?: string; type?: string } = {}) => function TextControl(control: FieldControlProps) {
    return <Input {...control} {...opts} value={draft[key]} onChange={(event) => set({ [key]: event.target.value })} />;
  };
  return (
    <FormDialog
      title={provider === undefined ? 'New way to sign in' : `Sign-in by ${provider.spec.displayName ?? name}`}
      submitLabel="Save"
      ready={name !== ''}
      pending={pending}
      problem={errors.rest}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <Field label="Type" error={errors.at.type}>{(control) => <Select {...control} className="w-full" value={draft.type} disabled={provider !== undefined} onValueChange={(type) => set({ type })} options={TYPES} />}</Field>
      <Field label="Name" error={errors.at.displayName} help="On the button: “Sign in with …”.">{text('displayName', { placeholder: 'Acme' })}</Field>
      <Field label="Short name" required error={errors.at.name} help="Part of the callback address; it stays as it is.">
        {(control) => <Input {...control} mono value={name} disabled={provider !== undefined} onChange={(event) => set({ name: event.target.value })} />}
      </Field>
      {draft.type === 'oidc' && <Field label="Issuer" required error={errors.at.issuerUrl} help="Its addresses and keys are found from it.">{text('issuerUrl', { mono: true, placeholder: 'https://id.example.com' })}</Field>}
      {remote && (
        <>
          <p className="flex items-center gap-1 rounded-md bg-sunken px-3 py-2 text-xs"><span className="min-w-0 flex-1">Register this redirect address at the provider:<code className="block font-mono wrap-anywhere">{`${origin}/api/sign-in/${name === '' ? '…' : name}/callback`}</code></span><CopyButton text={`${origin}/api/sign-in/${name}/callback`} label="Copy the callback address" /></p>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Client id" required error={errors.at.clientId}>{text('clientId', { mono: true })}</Field>
            <Field label="Client secret" error={errors.at.clientSecret} help={provider?.spec.clientSecretRef === undefined ? 'Kept encrypted; shown to nobody.' : 'Leave it empty to keep the one that is there.'}>{text('clientSecret', { mono: true, type: 'password' })}</Field>
          </div>
        </>
      )}
      {delegated && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Header with the name" required error={errors.at.userHeader}>{text('userHeader', { mono: true })}</Field>
          <Field label="Addresses of the proxy" required error={errors.at.trustedProxies} help="Only their headers are believed.">{text('trustedProxies', { mono: true, placeholder: '10.0.0.0/8' })}</Field>
        </div>
      )}
      {(remote || delegated) && (
        <>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Domains of addresses" optional error={errors.at.allowedDomains} help="Others may not sign in.">{text('allowedDomains', { placeholder: 'example.com' })}</Field>
            <Field label="Groups of administrators" optional error={errors.at.adminGroups} help="Their members administer the installation.">{text('adminGroups')}</Field>
          </div>
          <CheckField label="Whoever signs in for the first time gets an account" help="Otherwise only people with an invitation come in." checked={draft.createUsers} onCheckedChange={(createUsers) => set({ createUsers })} />
        </>
      )}
      <CheckField label="People may sign in this way" checked={draft.enabled} onCheckedChange={(enabled) => set({ enabled })} />
    </FormDialog>
  );
}

const TYPES: readonly { value: ProviderType; label: string; description: string }[] = [
  { value: 'oidc', label: 'OpenID Connect', description: 'Keycloak, Entra, Google, Okta, GitLab, Dex …' },
  { value: 'github', label: 'GitHub', description: 'An OAuth app of github.com or GitHub Enterprise' },
  { value: 'delegated', label: 'A proxy in front', description: 'It says in a header who the person is' },
  { value: 'password', label: 'Password', description: 'Switches signing in by password on or off' },
  { value: 'token', label: 'Token', description: 'Switches signing in by a token on or off' },
];

function withoutNulls(patch: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null));
}
