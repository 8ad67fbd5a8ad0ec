import type { IssuedInvite } from '#shared/api/people';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { CopyButton } from '../../../ui/CopyButton';
import { Dialog } from '../../../ui/overlays/Dialog';
import { Input } from '../../../ui/fields/Input';
import { Time } from '../../../ui/Time';
import { roleLabel } from '../memberFacts';

export interface IssuedLinksProps {
  invites: readonly IssuedInvite[];
  /** Addresses that were not invited, with the reason. */
  refused?: readonly { email: string; message: string }[];
  onClose: () => void;
}

/** Links of invitations, which nobody can see again. */
export function IssuedLinks({ invites, refused = [], onClose }: IssuedLinksProps) {
  const isMailed = invites.some(({ mail }) => mail === 'sending');
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={invites.length === 0 ? 'Nobody was invited' : invites.length === 1 ? 'The invitation' : `${invites.length} invitations`}
      {...(invites.length === 0 ? {} : { description: isMailed ? 'They are on their way by mail. The links are shown this once, in case the mail does not arrive.' : 'This server sends no mail: hand the links on yourself. They are shown this once.' })}
      footer={
        <>
          {invites.length > 1 && <CopyButton text={() => invites.map(({ email, link }) => `${email}\t${link}`).join('\n')}>Copy all</CopyButton>}
          <Button variant="primary" onClick={onClose}>Done</Button>
        </>
      }
    >
      <ul className="flex flex-col gap-3 pb-3">
        {invites.map(({ name, email, role, link, expiresAt }) => (
          <li key={name} className="flex flex-col gap-1">
            <p className="flex flex-wrap items-center gap-2"><span className="min-w-0 font-medium wrap-anywhere">{email}</span><Badge>{roleLabel(role)}</Badge><span className="text-xs text-subtle">ends <Time at={expiresAt} /></span></p>
            <div className="flex items-center gap-1">
              <Input readOnly mono aria-label={`Link for ${email}`} value={link} onFocus={(event) => event.target.select()} className="flex-1" />
              <CopyButton text={link} label={`Copy the link for ${email}`} />
            </div>
          </li>
        ))}
      </ul>
      {refused.length > 0 && (
        <div role="alert" className="mb-3 flex flex-col gap-1 rounded-md bg-warning-soft px-3 py-2">
          {refused.map(({ email, message }) => <p key={email}><span className="font-medium wrap-anywhere">{email}</span> was not invited: {message}.</p>)}
        </div>
      )}
    </Dialog>
  );
}
