import { useNavigate } from '@tanstack/react-router';
import { useOrg } from '../../../shell/useOrg';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/overlays/Dialog';

/** Says that an organization keeps an owner, and leads to where another one is made. */
export function LastOwnerDialog({ reason, onClose }: { reason: string | undefined; onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  return (
    <Dialog
      open={reason !== undefined}
      onOpenChange={onClose}
      title="An organization keeps an owner"
      size="sm"
      footer={
        <>
          <Button onClick={onClose}>Leave it as it is</Button>
          <Button
            variant="primary"
            onClick={() => {
              onClose();
              void navigate({ to: '/o/$org/people', params: { org }, search: { role: 'admin' } });
            }}
          >
            Choose another owner
          </Button>
        </>
      }
    >
      <p role="alert">{reason}.</p>
      <p className="mt-2 text-muted">Without an owner nobody could suspend or delete the organization, or make somebody else its owner. Administrators are who one usually chooses from.</p>
    </Dialog>
  );
}
