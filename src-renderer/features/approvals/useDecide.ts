import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { errorMessage } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { fetchRpc, useVerb } from '../../api/rpc';
import { toast } from '../../ui/overlays/toast';

export type ApprovalObject = ObjectOf<typeof AgentApproval>;
export type PermissionOption = NonNullable<ApprovalObject['spec']['options']>[number];

export interface Decision {
  readonly decision: 'approve' | 'deny';
  readonly optionId?: string;
  readonly reason?: string;
  readonly expectedArtifactDigest?: string;
}

export interface Decide {
  readonly decide: (decision: Decision) => void;
  /** The answer that is on its way. */
  readonly pending: Decision | undefined;
  readonly error: string | undefined;
  /** Somebody else's answer was first; the approval says whose. */
  readonly wasLate: boolean;
}

/** Answers an approval. The first answer wins: who comes second sees who answered and how. */
export function useDecide(org: string, approval: ApprovalObject): Decide {
  const queries = useQueryClient();
  const [pending, setPending] = useState<Decision>();
  const [error, setError] = useState<string>();
  const [wasLate, setLate] = useState(false);
  const { name } = approval.metadata;
  const record = (object: ApprovalObject) => recordObject(queries, { kind: 'agentapprovals', org, type: 'MODIFIED' }, object);
  const verb = useVerb('agents.decide', {
    onSuccess: (output) => {
      record(output.approval);
      setPending(undefined);
    },
    onError: (cause) => {
      setPending(undefined);
      if (cause.code !== 'ALREADY_DECIDED' && cause.code !== 'APPROVAL_OBSOLETE') {
        setError(errorMessage(cause));
        return;
      }
      setLate(cause.code === 'ALREADY_DECIDED');
      // The card may be gone with its question: the news has to outlive it.
      toast.info(cause.message);
      fetchRpc('resources.get', { kind: 'agentapprovals', org, name }).then(
        (object) => record(object as ApprovalObject),
        () => setError(errorMessage(cause)),
      );
    },
  });
  return {
    decide: (decision) => {
      if (pending !== undefined) return;
      setPending(decision);
      setError(undefined);
      verb.mutate({ org, name, ...decision });
    },
    pending,
    error,
    wasLate,
  };
}

/** What choosing an option means for Kradle's record: the agent's own word decides. */
export function decisionOf(option: PermissionOption): Decision {
  return { decision: option.kind.startsWith('allow') ? 'approve' : 'deny', optionId: option.optionId };
}
