import { BadgeCheck, ShieldAlert, ShieldQuestion } from 'lucide-react';
import type { SignatureView } from '#shared/api/pushPolicies';
import { Badge, type Tone } from '../../ui/Badge';
import { Popover } from '../../ui/overlays/Popover';
import { signatureQuestion } from './signatureQuestion';

/** Whether a commit or tag is signed, and by whom; the details are a press away. Nothing for what is not signed. */
export function SignatureBadge({ signature }: { signature: SignatureView | undefined }) {
  if (signature === undefined || signature.state === 'unsigned') return null;
  const { label, tone, icon: Icon } = LOOKS[signature.state];
  return (
    <Popover
      label="Signature"
      className="w-80 p-3 text-sm"
      trigger={<button type="button" className="rounded-full" aria-label={`${label}: ${signature.reason}`}><Badge tone={tone} icon={<Icon aria-hidden />}>{label}</Badge></button>}
    >
      <p className="font-medium">{signature.reason}</p>
      {signature.signer !== undefined && (
        <p className="mt-1 text-muted">{signature.signer.kind === 'forge' ? 'Whoever had it made was signed in; the commit names them.' : `Signed by ${signature.signer.displayName} (${signature.signer.name})${signature.signer.keyName === undefined ? '' : ` with the key ${signature.signer.keyName}`}.`}</p>
      )}
      {signature.key !== undefined && <p className="mt-2 text-xs text-subtle">{signature.key.type === 'ssh' ? 'SSH key' : 'GPG key'}<code className="mt-0.5 block font-mono wrap-anywhere text-muted">{signature.key.id}</code></p>}
    </Popover>
  );
}

/** The badge of one commit or tag. Badges of a page are one question to the server. */
export function CommitSignature({ org, repository, sha }: { org: string; repository: string; sha: string }) {
  return <SignatureBadge signature={signatureQuestion.useSignature({ org, repository, sha })} />;
}

const LOOKS: Readonly<Record<Exclude<SignatureView['state'], 'unsigned'>, { label: string; tone: Tone; icon: typeof BadgeCheck }>> = {
  verified: { label: 'Verified', tone: 'success', icon: BadgeCheck },
  'unknown-key': { label: 'Unverified', tone: 'neutral', icon: ShieldQuestion },
  unsupported: { label: 'Unverified', tone: 'neutral', icon: ShieldQuestion },
  'wrong-email': { label: 'Other address', tone: 'warning', icon: ShieldAlert },
  'not-a-member': { label: 'No member', tone: 'warning', icon: ShieldAlert },
  'expired-key': { label: 'Expired key', tone: 'warning', icon: ShieldAlert },
  'revoked-key': { label: 'Revoked key', tone: 'danger', icon: ShieldAlert },
  bad: { label: 'Bad signature', tone: 'danger', icon: ShieldAlert },
};
