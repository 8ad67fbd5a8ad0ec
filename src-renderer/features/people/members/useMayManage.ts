import { isAtLeast } from '#shared/access/roles';
import { useInfo } from '../../../shell/useInfo';
import { useMayAll, type May } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import { effectiveRole, type MemberObject } from '../memberFacts';

/**
 * Whether I may change what a member is, and remove them. Everybody may change how they are called themselves, but nobody their own
 * standing, and nobody that of somebody who has more; only the installation's administrators are above that.
 */
export function useMayManage(member: MemberObject): { readonly change: May; readonly remove: May } {
  const org = useOrg();
  const me = useInfo()?.actor.name;
  const { name } = member.metadata;
  const [update, removal, installation, owning] = useMayAll([
    { verb: 'update', kind: 'users', name }, { verb: 'delete', kind: 'users', name }, { verb: 'create', kind: 'organizations' }, { verb: 'delete', kind: 'organizations', name: org },
  ]);
  const isAbove = installation?.allowed !== false;
  const ofOwner = !isAbove && isAtLeast(effectiveRole(member), 'owner') && owning?.allowed === false ? 'Only an owner changes what another owner is' : undefined;
  const ofSelf = !isAbove && name === me ? 'Nobody changes their own role or standing: another administrator of the organization does' : undefined;
  return { change: limited(update, ofSelf ?? ofOwner), remove: limited(removal, ofOwner) };
}

function limited(may: May | undefined, reason: string | undefined): May {
  if (may === undefined) return { allowed: true, reason: undefined, isPending: true };
  return may.allowed && reason !== undefined ? { ...may, allowed: false, reason } : may;
}
