import { ORG_ROLE_TITLES } from '#shared/access/roleTitles';
import type { OrgRole } from '#shared/access/roles';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import type { FieldControlProps } from '../../ui/fields/Field';
import { Select } from '../../ui/fields/Select';
import { PEOPLE_ROLES, roleLabel } from './memberFacts';

export interface RoleSelectProps extends Partial<FieldControlProps> {
  value: OrgRole;
  onValueChange: (role: OrgRole) => void;
  /** Whose. */
  label?: string;
  size?: 'sm' | 'md';
  disabled?: boolean;
  className?: string;
}

/** A role, with what each may do in words. Only who owns makes owners. */
export function RoleSelect({ label, ...rest }: RoleSelectProps) {
  const org = useOrg();
  const owning = useMay('delete', 'organizations', org);
  return (
    <Select
      {...rest}
      {...(label === undefined ? {} : { 'aria-label': label })}
      options={PEOPLE_ROLES.map((role) => {
        const isBeyond = role === 'owner' && !owning.allowed;
        return { value: role, label: roleLabel(role), description: isBeyond ? 'Only an owner makes owners.' : ORG_ROLE_TITLES[role], disabled: isBeyond };
      })}
    />
  );
}
