import { Tooltip } from '../../../ui/overlays/Tooltip';
import { LastOwnerDialog } from './LastOwnerDialog';
import { effectiveRole, roleLabel, type MemberObject } from '../memberFacts';
import { RoleSelect } from '../RoleSelect';
import { useChangeMember } from './useChangeMember';
import { useMayManage } from './useMayManage';

/** A member's role, changed in its place; for who may not, the word alone, with the reason. */
export function MemberRole({ member }: { member: MemberObject }) {
  const { name } = member.metadata;
  const { change: may } = useMayManage(member);
  const { change, isPending, lastOwner, forgetRefusal } = useChangeMember(name);
  const role = effectiveRole(member);
  if (!may.allowed) {
    return <Tooltip label={may.reason}><span tabIndex={0} className="relative z-1 rounded-sm text-muted">{roleLabel(role)}</span></Tooltip>;
  }
  return (
    <span className="relative z-1 flex">
      <RoleSelect size="sm" label={`Role of ${member.spec.displayName}`} value={role} disabled={isPending} onValueChange={(next) => change({ role: next })} className="w-32" />
      <LastOwnerDialog reason={lastOwner} onClose={forgetRefusal} />
    </span>
  );
}
