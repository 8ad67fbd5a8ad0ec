import { orgRole, type OrgRole } from '#shared/access/roles';

/**
 * What the role of an invitation comes to: one of an organization's roles is itself, `member` of older documents a developer, and any other
 * word makes a developer with that group.
 */
export function readInvitedRole(role: string): { readonly role: OrgRole; readonly groups: readonly string[] } {
  const known = orgRole.safeParse(role);
  if (known.success) return { role: known.data, groups: [] };
  return { role: 'developer', groups: role === 'member' ? [] : [role] };
}
