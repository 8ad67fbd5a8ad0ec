import { useState } from 'react';
import type { OrgRole } from '#shared/access/roles';
import { ORG_ROLE_TITLES } from '#shared/access/roleTitles';
import { formErrors } from '../../../api/formErrors';
import { useLiveList } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useOrg } from '../../../shell/useOrg';
import { ComboboxMany } from '../../../ui/fields/ComboboxMany';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Select } from '../../../ui/fields/Select';
import { Textarea } from '../../../ui/fields/Textarea';
import { parseEmailList } from './emailList';
import { IssuedLinks } from './IssuedLinks';
import { RoleSelect } from '../RoleSelect';

/** Invites people: many at once, with a role and teams. Afterwards the links, this once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const org = useOrg();
  const teams = useLiveList('teams', { org });
  const [text, setText] = useState('');
  const [role, setRole] = useState<OrgRole>('developer');
  const [chosenTeams, setTeams] = useState<readonly string[]>([]);
  const [message, setMessage] = useState('');
  const [days, setDays] = useState('7');
  const invite = useVerb('people.invite', { onError: () => undefined });
  const { emails, wrong } = parseEmailList(text);
  const errors = formErrors(invite.error, { emails: 'emails', role: 'role', teams: teams.items.length > 0 ? 'teams' : [], message: 'message', days: 'days' });
  const problem = wrong.length > 0 ? `${wrong.map((each) => `“${each}”`).slice(0, 3).join(', ')} ${wrong.length === 1 ? 'is no address' : 'are no addresses'}: write them as ada@example.com` : errors.at.emails;
  const submit = () => {
    invite.mutate({
      org, emails: [...emails], role, days: Number(days),
      ...(chosenTeams.length === 0 ? {} : { teams: [...chosenTeams] }),
      ...(message.trim() === '' ? {} : { message: message.trim() }),
    });
  };
  if (invite.data !== undefined) return <IssuedLinks invites={invite.data.invites} refused={invite.data.refused} onClose={onClose} />;
  return (
    <FormDialog
      title="Invite people"
      description="Each gets an invitation of their own. Who has no account yet makes one when they accept."
      submitLabel={emails.length > 1 ? `Invite ${emails.length} people` : 'Invite'}
      ready={emails.length > 0 && wrong.length === 0}
      pending={invite.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="E-mail addresses" required error={problem} help="One a line, or with commas between them.">
        {(control) => <Textarea {...control} autoFocus rows={3} value={text} placeholder={'ada@example.com\nBen Okri <ben@example.com>'} onChange={(event) => setText(event.target.value)} />}
      </Field>
      <Field label="Role" error={errors.at.role} help={ORG_ROLE_TITLES[role]}>
        {(control) => <RoleSelect {...control} value={role} onValueChange={setRole} className="w-full" />}
      </Field>
      {teams.items.length > 0 && (
        <Field label="Teams" optional error={errors.at.teams}>{(control) => <ComboboxMany {...control} placeholder="Add a team…" chosen={chosenTeams} onChange={setTeams} options={teams.items.map(({ metadata, spec }) => ({ value: metadata.name, label: spec.displayName, ...(spec.description === undefined ? {} : { description: spec.description }) }))} />}</Field>
      )}
      <Field label="Message" optional error={errors.at.message} help="Sent with the invitation.">
        {(control) => <Textarea {...control} rows={2} value={message} onChange={(event) => setMessage(event.target.value)} />}
      </Field>
      <Field label="Can be accepted for" error={errors.at.days}>
        {(control) => <Select {...control} value={days} onValueChange={setDays} className="w-40" options={DAYS.map((each) => ({ value: String(each), label: each === 1 ? '1 day' : `${each} days` }))} />}
      </Field>
    </FormDialog>
  );
}

const DAYS = [1, 3, 7, 14, 30, 90];
