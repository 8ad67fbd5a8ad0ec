import { createHash } from 'node:crypto';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { isStatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { AgentSessionTranscript } from '#shared/kinds/agents/agentSessionTranscript';
import { applyRunEvents, EMPTY_RUN_VIEW } from '#shared/runs/foldRunEvents';
import type { RunItem, RunView } from '#shared/runs/runView';
import type { EventLog } from '../../store/eventLog';
import type { AgentsContext } from './agentsContext';
import { runStream } from './runEvents';
import type { Run } from './runState';

type Message = ObjectOf<typeof AgentSessionTranscript>['spec']['messages'][number];

/** Bounds of the object; the events hold everything. Source: the kind. */
const MAX_MESSAGES = 500;
const MAX_BYTES = 512 * 1024;
const MAX_MESSAGE_LENGTH = 32 * 1024;
const PAGE = 1_000;
/** Once the object is full, events are only counted. */
const FOLD_LIMITS = { messageLength: MAX_MESSAGE_LENGTH, outputLength: 16 * 1024, items: MAX_MESSAGES * 4 };

/** Writes the transcript of a run's session from its events. Undefined for a run that never had a session. */
export async function sealTranscript(ctx: AgentsContext, org: string, run: Run): Promise<{ name: string; eventCount: number } | undefined> {
  const sessionRef = run.status?.sessionRef;
  if (sessionRef === undefined) return undefined;
  const name = sessionRef;
  const { view, eventCount, sizeBytes } = await foldStream(ctx.eventLog, runStream(org, run.metadata.name));
  const all = view.items.flatMap(toMessages);
  const messages = firstWithin(all, MAX_BYTES);
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(messages)).digest('hex')}`;
  const truncated = messages.length < all.length || view.items.length >= FOLD_LIMITS.items || messages.some((message) => message.truncated === true);
  const { stopReason, usage, costUsd } = run.status ?? {};
  try {
    await ctx.resources.create(AgentSessionTranscript, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        sessionRef,
        dispatchRun: run.metadata.name,
        messages,
        turns: [{
          ...(stopReason === undefined ? {} : { stopReason }),
          ...(usage?.inputTokens === undefined ? {} : { inputTokens: usage.inputTokens }),
          ...(usage?.outputTokens === undefined ? {} : { outputTokens: usage.outputTokens }),
          ...(costUsd === undefined ? {} : { costUsd }),
        }],
      },
      status: { phase: 'Sealed', messageCount: all.length, eventCount, sizeBytes, truncated, digest },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
  return { name, eventCount };
}

/** The view of a stream of any length: read by page, folded into bounded memory, letting others work in between. */
async function foldStream(eventLog: EventLog, stream: string): Promise<{ view: RunView; eventCount: number; sizeBytes: number }> {
  let view = EMPTY_RUN_VIEW;
  let sizeBytes = 0;
  let full = false;
  for (let after = 0; ; ) {
    const { items } = await eventLog.read(stream, { after, limit: PAGE });
    const last = items.at(-1);
    if (last === undefined) break;
    for (const event of items) sizeBytes += JSON.stringify(event.data)?.length ?? 0;
    if (!full) view = applyRunEvents(view, items, FOLD_LIMITS);
    full ||= view.items.length >= FOLD_LIMITS.items;
    after = last.seq;
    await yieldToOthers();
  }
  return { view, eventCount: await eventLog.count(stream), sizeBytes };
}

function toMessages(item: RunItem): Message[] {
  switch (item.type) {
    case 'message':
      return [cut({ id: item.id, role: item.role, content: item.text, at: item.at }, item.truncated)];
    case 'tool': {
      const { toolCallId, title, kind, status } = item;
      const texts = item.content.map((content) => (content.type === 'diff' ? `--- ${content.path}\n${content.newText}` : content.type === 'content' ? (typeof content.block.text === 'string' ? content.block.text : '') : ''));
      return [cut({ id: item.id, role: 'tool', content: [...texts, item.output].filter(Boolean).join('\n'), at: item.at, toolCall: { id: toolCallId, title, kind, status } }, item.outputTruncated)];
    }
    case 'output':
      return [cut({ id: item.id, role: 'assistant', content: item.text, at: item.at }, item.truncated)];
    case 'notice':
      return [cut({ id: item.id, role: 'system', content: item.message, at: item.at }, false)];
    case 'permission':
      return [cut({ id: item.id, role: 'system', content: `Permission "${String(item.toolCall.title ?? item.requestId)}": ${item.optionId ?? item.outcome ?? 'unanswered'}${item.by === undefined ? '' : ` by ${item.by}`}`, at: item.at }, false)];
    case 'phase':
    case 'turn':
    case 'commit':
    case 'artifact':
      return [];
  }
}

function cut(message: Message, truncated: boolean): Message {
  const tooLong = message.content.length > MAX_MESSAGE_LENGTH;
  return { ...message, content: tooLong ? message.content.slice(0, MAX_MESSAGE_LENGTH) : message.content, ...(truncated || tooLong ? { truncated: true } : {}) };
}

function firstWithin(messages: readonly Message[], maxBytes: number): Message[] {
  const kept: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += Buffer.byteLength(JSON.stringify(message));
    if (kept.length >= MAX_MESSAGES || bytes > maxBytes) break;
    kept.push(message);
  }
  return kept;
}
