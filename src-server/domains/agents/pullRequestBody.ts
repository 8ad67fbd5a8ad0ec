import type { Approval } from './decideApproval';
import { durationText, type Run } from './runState';

/** What a pull request says of the run that it comes from: what the agent did, what was asked, and how it came about. */
export function pullRequestBody(run: Run, approval: Approval): string {
  const { prompt = '', agentStack, requestedBy, sha = '' } = run.spec;
  const { summary, agent, durationMs, costUsd, approvals = [] } = run.status ?? {};
  const name = run.metadata.name;
  const program = [agent?.title ?? agent?.name, agent?.version].filter(Boolean).join(' ');
  const by = approval.status?.decidedBy;
  const questions = approvals.filter((each) => each !== approval.metadata.name).length;
  const facts = [
    `Run: [${name}](/o/${run.spec.organizationRef}/runs/${name})`,
    `Agent: ${agentStack}${program === '' ? '' : ` (${program})`}`,
    ...(requestedBy === undefined ? [] : [`Requested by: ${requestedBy.name}`]),
    ...(by === undefined ? [] : [`Write-back approved by: ${by.name}`]),
    ...(questions === 0 ? [] : [`Permissions asked: ${questions}`]),
    ...(durationMs === undefined ? [] : [`Took: ${durationText(durationMs)}`]),
    ...(costUsd === undefined ? [] : [`Cost: $${costUsd.toFixed(2)}`]),
    `Started from: ${sha.slice(0, 12)}`,
    `Patch: \`${approval.spec.artifactDigest ?? ''}\``,
  ];
  const warnings = approval.spec.riskWarnings ?? [];
  return [
    summary?.trim() ?? '',
    ...(warnings.length === 0 ? [] : [`### Look twice\n\n${warnings.map((warning) => `- ${warning}`).join('\n')}`]),
    `**Task**\n\n${quote(prompt)}`,
    facts.map((fact) => `- ${fact}`).join('\n'),
  ].filter(Boolean).join('\n\n').slice(0, 200_000);
}

function quote(text: string): string {
  return text.trim().slice(0, 60_000).split('\n').map((line) => `> ${line}`).join('\n');
}
