import { createHash, randomBytes } from 'node:crypto';

/** `run-` and a name that sorts by time: nine base-36 digits of milliseconds (until the year 5188), then forty random bits. */
export function newRunName(nowMs: number): string {
  return `run-${nowMs.toString(36).padStart(9, '0')}-${randomBytes(5).toString('hex')}`;
}

/** `SHOP-…`: a workspace of the pool. */
export function newWorkspaceName(repository: string): string {
  return `${repository.slice(0, 40).replace(/[^a-z0-9]+$/, '')}-${randomBytes(5).toString('hex')}`;
}

/** Every name below follows from the run, so that a step that is repeated finds what it made before. */
export function attemptName(run: string, attempt: number): string {
  return `${run}-${attempt}`;
}

/** The one of a request of the agent. A request id that is no small number is hashed: it may be anything. */
export function permissionApprovalName(run: string, attempt: number, requestId: string): string {
  const part = /^\d{1,9}$/.test(requestId) ? requestId : createHash('sha256').update(requestId).digest('hex').slice(0, 12);
  return `${run}-${attempt}-ask-${part}`;
}

export function dispatchApprovalName(run: string): string {
  return `${run}-dispatch`;
}

export function secretApprovalName(run: string): string {
  return `${run}-secrets`;
}

export function writeBackApprovalName(run: string): string {
  return `${run}-write-back`;
}

export function artifactName(run: string, attempt: number, kind: string): string {
  return `${run}-${attempt}-${kind}`;
}

/** The run's own workspace, when none of the pool is free. */
export function ownWorkspaceName(run: string): string {
  return `ws-${run}`;
}

/** The branch of a run's work. */
export function runBranch(run: string): string {
  return `kradle/runs/${run}`;
}
