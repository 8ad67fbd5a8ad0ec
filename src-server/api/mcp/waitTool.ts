import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { objectName } from '#shared/kind/objectMeta';
import { requireKind } from '#shared/kind/requireKind';
import type { McpRequest } from './mcpRequest';
import { defineTool, orgArgument, type McpTool } from './mcpTool';

/** Clients give up on a call after a minute unless it reports progress. */
const DEFAULT_SECONDS = 50;
const MAX_SECONDS = 600;

/** `kradle_wait`: until an object is in one of some phases. Tells every change as progress. */
export function waitTool(registry: KindRegistry): McpTool {
  return defineTool({
    name: 'kradle_wait',
    title: 'Wait for an object',
    description: 'Waits until an object (a run, a pipeline, a repository …) is in one of the given phases, and answers it. When the time is over it answers reached: false; call again to go on waiting.',
    input: z.strictObject({
      kind: z.string().min(1).max(100).describe('Kind of the object, for example AgentDispatchRun.'),
      name: objectName,
      phases: z.array(z.string().min(1).max(100)).min(1).max(20).describe('Phases to wait for. Of a run: AwaitingApproval, Completed, Failed, Cancelled.'),
      timeoutSeconds: z.number().int().min(1).max(MAX_SECONDS).default(DEFAULT_SECONDS),
      org: orgArgument,
    }),
    output: z.looseObject({ reached: z.boolean(), deleted: z.boolean(), phase: z.string().optional(), resource: z.looseObject({}) }),
    annotations: { title: 'Wait for an object', readOnlyHint: true, openWorldHint: false },
    async run(args, request) {
      const kind = requireKind(registry, args.kind);
      const ref = { org: await request.org(args.org), name: args.name };
      const timeout = AbortSignal.timeout(args.timeoutSeconds * 1000);
      const stop = new AbortController();
      const signal = AbortSignal.any([request.signal, timeout, stop.signal]);
      // From now on, and then what is there: nothing in between is missed.
      const events = request.resources.watch(kind, { ...ref, signal });
      try {
        let object = (await request.resources.get(kind, ref)) as unknown as KradleObject;
        let changes = 0;
        for await (const event of changesAfter(object, events)) {
          if (event.object !== undefined) object = event.object;
          const answer = { phase: phaseOf(object), resource: object };
          if (event.deleted) return { reached: false, deleted: true, ...answer };
          if (args.phases.includes(phaseOf(object) ?? '')) return { reached: true, deleted: false, ...answer };
          await tell(request, object, (changes += 1));
        }
        if (request.signal.aborted) throw new StatusError('Timeout', 'The client gave up waiting.');
        return { reached: false, deleted: false, phase: phaseOf(object), resource: object };
      } finally {
        stop.abort();
      }
    },
  });
}

/** The object as it is, then its changes. */
async function* changesAfter(first: KradleObject, events: AsyncIterable<{ type: string; object?: unknown }>): AsyncGenerator<{ deleted: boolean; object?: KradleObject }> {
  yield { deleted: false, object: first };
  for await (const { type, object } of events) yield { deleted: type === 'DELETED', ...(object === undefined ? {} : { object: object as KradleObject }) };
}

function tell(request: McpRequest, object: KradleObject, progress: number): Promise<void> {
  return request.progress({ progress, message: `${object.kind} ${object.metadata.name}: ${phaseOf(object) ?? 'no phase yet'}` });
}

function phaseOf(object: KradleObject): string | undefined {
  return typeof object.status?.phase === 'string' ? object.status.phase : undefined;
}
