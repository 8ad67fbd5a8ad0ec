import { useNavigate } from '@tanstack/react-router';
import { Building2, ChevronsUpDown, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from '../ui/overlays/DropdownMenu';
import { Mark } from './Mark';
import { useMay } from './useMay';
import { useInfo } from './useInfo';
import { useOrg } from './useOrg';

/** Which organization this is, and the way to the others. */
export function OrgSwitcher({ collapsed }: { collapsed: boolean }) {
  const org = useOrg();
  const navigate = useNavigate();
  const orgs = useInfo()?.orgs ?? [];
  const mayCreate = useMay('create', 'organizations');
  const [creating, setCreating] = useState(false);
  const title = orgs.find((each) => each.name === org)?.displayName ?? org;
  return (
    <>
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
        <MenuItem icon={<Building2 />} onSelect={() => void navigate({ to: '/o/$org/settings', params: { org } })}>Settings of {title}</MenuItem>
        <MenuItem icon={<Plus />} refusal={mayCreate.reason} onSelect={() => setCreating(true)}>New organization…</MenuItem>
      </DropdownMenu>
      <Suspense>{creating && <NewOrganizationDialog onClose={() => setCreating(false)} />}</Suspense>
    </>
  );
}

const NewOrganizationDialog = lazy(() => import('../features/organizations/NewOrganizationDialog').then((module) => ({ default: module.NewOrganizationDialog })));
