import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { OrgRole } from '#shared/access/roles';
import { errorMessage, type ApiError } from '../../../api/errors';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { useOrg } from '../../../shell/useOrg';
import { toast } from '../../../ui/overlays/toast';

interface MemberChange {
  readonly role?: OrgRole;
  readonly disabled?: boolean;
}

/** Changes what a member is. That an organization keeps an owner is told apart from other refusals: it has a way out. */
export function useChangeMember(name: string) {
  const org = useOrg();
  const queries = useQueryClient();
  const [lastOwner, setLastOwner] = useState<string>();
  const refuse = (error: ApiError) => {
    if (error.code === 'LAST_OWNER') setLastOwner(error.message);
    else toast.error(errorMessage(error), { correlationId: error.correlationId });
  };
  const patch = useVerb('resources.patch', {
    onError: refuse,
    onSuccess: (object) => recordObject(queries, { kind: 'users', org, type: 'MODIFIED' }, object),
  });
  const remove = useVerb('resources.delete', {
    onError: refuse,
    done: `${name} is no longer a member`,
    // It may stay a moment, while what hangs on it ends: the stream says when it has gone.
    onSuccess: ({ resource }) => recordObject(queries, { kind: 'users', org, type: 'MODIFIED' }, resource),
  });
  return {
    change: (change: MemberChange) => patch.mutate({ org, kind: 'users', name, patch: { spec: { ...change } } }),
    remove: () => remove.mutate({ org, kind: 'users', name }),
    isPending: patch.isPending || remove.isPending,
    /** Why the organization would be without an owner. */
    lastOwner,
    forgetRefusal: () => setLastOwner(undefined),
  };
}
