import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { StatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { EndpointRequest } from '../../http/endpoint';
import { zodCauses } from '../../rpc/trpc';
import type { AgentsContext } from './agentsContext';
import { isEnded, type Run } from './runState';

/** The run that a request's token is good for. `Forbidden` for anybody else, `NotFound` for a run that is gone, `Conflict` for an attempt that was given up. */
export async function ownRun(ctx: AgentsContext, request: EndpointRequest): Promise<Run> {
  const { org = '', name = '' } = request.params;
  const { actor } = request;
  const own = actor.kind === 'run' && actor.run?.org === org && actor.run.name === name;
  // Before anything is read: who has no token of this run learns nothing of it, nor of its organization.
  if (!own) throw new StatusError('Forbidden', 'Only the runner of this run may use this address; it has a token of its own.', { code: 'RUN_TOKEN_REQUIRED' });
  const run = await ctx.resources.find(AgentDispatchRun, { org, name });
  if (run === undefined) throw new StatusError('NotFound', 'run not found', { code: 'RUN_NOT_FOUND' });
  const works = run.status?.attemptNumber ?? 1;
  if ((actor.run?.attempt ?? works) !== works) throw superseded(actor.run?.attempt ?? 0, works);
  return run;
}

/** {@link ownRun} for a runner at work: `Conflict` when the run has ended or another attempt has taken over. */
export async function workingRun(ctx: AgentsContext, request: EndpointRequest, attempt: number): Promise<Run> {
  const run = await ownRun(ctx, request);
  if (isEnded(run)) throw new StatusError('Conflict', `The run has ended: it is ${run.status?.phase ?? ''}`, { code: 'RUN_ENDED' });
  if ((run.status?.attemptNumber ?? 1) !== attempt) {
    throw superseded(attempt, run.status?.attemptNumber ?? 1);
  }
  return run;
}

function superseded(attempt: number, works: number): StatusError {
  return new StatusError('Conflict', `Attempt ${attempt} was given up; attempt ${works} works now`, { code: 'ATTEMPT_SUPERSEDED' });
}

/** Reads a JSON body in the shape of a schema. `BadRequest` with causes, `RequestEntityTooLarge`. */
export async function readShape<T extends z.ZodType>(req: IncomingMessage, schema: T, maxBytes: number): Promise<z.output<T>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new StatusError('RequestEntityTooLarge', `The body is larger than ${Math.floor(maxBytes / 1024)} KiB.`);
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new StatusError('BadRequest', 'The body is not JSON.', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const causes = zodCauses(parsed.error, value) ?? [];
  throw new StatusError('BadRequest', `The body is not valid: ${causes.map((each) => each.message).join('; ')}`, { causes });
}

export function answer(request: EndpointRequest, body: unknown): void {
  request.res.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  request.res.end(JSON.stringify(body));
}

/** A whole number of the query; `BadRequest` naming it otherwise. */
export function numberParam(url: Pick<URL, 'searchParams'>, name: string): number {
  const value = Number(url.searchParams.get(name) ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value < 0) throw new StatusError('BadRequest', `The query needs ${name}, a whole number.`);
  return value;
}
