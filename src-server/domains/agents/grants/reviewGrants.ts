import type { ResourceClient } from '../../../resources/resourceClient';
import { findGrants, situationOf, type JudgedGrant } from './findGrants';
import { sourceOf, type GrantSituation } from './grantUse';
import { meetRequirements, requirementsOf, type MetRequirement } from './requirements';

/** What an agent may use of secrets and config maps in a run, and what it lacks. */
export interface GrantReview {
  readonly situation: GrantSituation;
  /** Grants meant for the agent, those that give nothing here among them. */
  readonly grants: readonly JudgedGrant[];
  readonly requirements: readonly MetRequirement[];
  /** Uses that a person has to approve before the run starts. */
  readonly approvals: readonly { readonly grant: JudgedGrant['grant']; readonly reason: string }[];
}

export async function reviewGrants(resources: Pick<ResourceClient, 'find' | 'list'>, request: Parameters<typeof situationOf>[1]): Promise<GrantReview> {
  const situation = await situationOf(resources, request);
  const [grants, requirements] = await Promise.all([findGrants(resources, request.org, situation), requirementsOf(resources, request.org, request.stack)]);
  const approvals = grants.flatMap(({ grant, problem, approval }) => {
    if (problem !== undefined || approval === undefined || grant.spec.mountPolicy === 'never-mount-pass-by-reference') return [];
    const { kind, name, keys } = sourceOf(grant);
    return [{ grant, reason: `${grant.kind} "${grant.metadata.name}" gives ${kind === 'secret' ? 'Secret' : 'ConfigMap'} "${name}"${keys === undefined ? '' : ` (${keys.join(', ')})`}: ${approval}` }];
  });
  return { situation, grants, requirements: meetRequirements(requirements, grants), approvals };
}
