import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, Plus } from 'lucide-react';
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from '../ui/DropdownMenu';
import { Mark } from './Mark';
import { useInfo } from './useInfo';
import { useOrg } from './useOrg';

/** Which organization this is, and the way to the others. */
export function OrgSwitcher({ collapsed }: { collapsed: boolean }) {
  const org = useOrg();
  const navigate = useNavigate();
  const orgs = useInfo()?.orgs ?? [];
  const title = orgs.find((each) => each.name === org)?.displayName ?? org;
  return (
    <DropdownMenu
      align="start"
      trigger={
        <button type="button" aria-label={`Organization ${title}`} className="flex h-8 min-w-0 items-center gap-2 rounded-md px-1.5 hover:bg-hover">
          <Mark />
          {!collapsed && (
            <>
              <span className="min-w-0 truncate font-semibold">{title}</span>
              <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-subtle" />
            </>
          )}
        </button>
      }
    >
      <MenuLabel>Organizations</MenuLabel>
      {orgs.map((each) => (
        <MenuItem key={each.name} checked={each.name === org} onSelect={() => void navigate({ to: '/o/$org', params: { org: each.name } })}>{each.displayName}</MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<Plus />} onSelect={() => void navigate({ to: '/o/$org/settings/$section', params: { org, section: 'organizations' } })}>New organization</MenuItem>
    </DropdownMenu>
  );
}
