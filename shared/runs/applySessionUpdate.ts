import { itemBase, keepTail, type OpenEvent } from './openEvent';
import { defined, fieldsOf, listOf, numberOf, stringOf, type Fields } from './readEvent';
import type { MessageRole, RunBlock, RunMessageItem, RunToolItem, ToolContent, ToolStatus } from './runView';
import type { RunViewDraft } from './runViewDraft';

/** Folds an ACP SessionUpdate. Kinds that the view does not show (and ones of later protocol versions) change nothing. */
export function applySessionUpdate(draft: RunViewDraft, event: OpenEvent): void {
  const update = event.data;
  switch (update.sessionUpdate) {
    case 'user_message_chunk':
      return appendChunk(draft, event, 'user');
    case 'agent_message_chunk':
      return appendChunk(draft, event, 'assistant');
    case 'agent_thought_chunk':
      return appendChunk(draft, event, 'thought');
    case 'tool_call':
    case 'tool_call_update':
      return upsertTool(draft, event);
    case 'plan':
      draft.plan = listOf(update.entries).map((entry) => ({
        content: stringOf(entry.content) ?? '',
        priority: stringOf(entry.priority) ?? 'medium',
        status: stringOf(entry.status) ?? 'pending',
      }));
      return;
    case 'usage_update':
      draft.usage = { ...draft.usage, ...readUsage(update) };
      return;
    case 'available_commands_update':
      draft.commands = listOf(update.availableCommands).flatMap((command) => {
        const name = stringOf(command.name);
        return name === undefined ? [] : [defined({ name, description: stringOf(command.description) })];
      });
      return;
    case 'current_mode_update':
      if (draft.session !== undefined) draft.session = { ...draft.session, ...defined({ mode: stringOf(update.currentModeId) }) };
      return;
    case 'session_info_update':
      if (draft.session !== undefined) draft.session = { ...draft.session, ...defined({ title: stringOf(update.title) }) };
      return;
    case 'notice': {
      const message = [stringOf(update.title), stringOf(update.description)].filter(Boolean).join(': ');
      if (message !== '') draft.push({ type: 'notice', ...itemBase(event), level: update.severity === 'error' ? 'error' : 'info', message });
      return;
    }
  }
}

function appendChunk(draft: RunViewDraft, event: OpenEvent, role: MessageRole): void {
  const content = fieldsOf(event.data.content);
  const text = textOf(content) ?? '';
  const block = content.type === 'text' || typeof content.type !== 'string' ? undefined : (content as RunBlock);
  const messageId = stringOf(event.data.messageId);
  const { last } = draft;
  if (last?.type === 'message' && continues(last, { role, messageId, attempt: event.attempt })) {
    const room = draft.limits.messageLength - last.text.length;
    draft.replaceLast({
      ...last,
      text: room >= text.length ? last.text + text : last.text + text.slice(0, Math.max(0, room)),
      blocks: block === undefined ? last.blocks : [...last.blocks, block],
      updatedAt: event.at,
      truncated: last.truncated || room < text.length,
    });
    return;
  }
  draft.push({
    type: 'message',
    ...itemBase(event),
    ...defined({ messageId }),
    role,
    text: text.slice(0, draft.limits.messageLength),
    blocks: block === undefined ? [] : [block],
    updatedAt: event.at,
    truncated: text.length > draft.limits.messageLength,
  });
}

/** The agent's message id, where it gives one, tells apart two messages without anything between them. */
function continues(last: RunMessageItem, next: { role: MessageRole; messageId: string | undefined; attempt: string }): boolean {
  return last.role === next.role && last.attempt === next.attempt && last.messageId === next.messageId;
}

function upsertTool(draft: RunViewDraft, event: OpenEvent): void {
  const update = event.data;
  const toolCallId = stringOf(update.toolCallId);
  if (toolCallId === undefined) return;
  const found = draft.findTool(toolCallId);
  // A new attempt may count its calls from one again; what it announces is a new call. A mere update may continue an older one.
  if (found !== undefined && (found.item.attempt === event.attempt || update.sessionUpdate === 'tool_call_update')) {
    draft.replace(found.index, changeTool(found.item, event, draft.limits.outputLength));
    return;
  }
  const fresh: RunToolItem = {
    type: 'tool',
    ...itemBase(event),
    toolCallId,
    title: toolCallId,
    kind: 'other',
    status: 'pending',
    content: [],
    locations: [],
    output: '',
    outputTruncated: false,
    updatedAt: event.at,
  };
  draft.pushTool(changeTool(fresh, event, draft.limits.outputLength));
}

/** Absent and null leave a field alone; a list that is given replaces the old one (ACP `ToolCallUpdate`). */
function changeTool(item: RunToolItem, event: OpenEvent, outputLimit: number): RunToolItem {
  const update = event.data;
  const status = toStatus(update.status) ?? item.status;
  const ended = status === 'completed' || status === 'failed';
  const meta = fieldsOf(update._meta);
  const streamed = stringOf(fieldsOf(meta.terminal_output).data);
  const output = streamed === undefined ? { text: item.output, truncated: false } : keepTail(item.output + streamed, outputLimit);
  const exitCode = numberOf(fieldsOf(meta.terminal_exit).exit_code);
  return {
    ...item,
    title: stringOf(update.title) ?? item.title,
    kind: stringOf(update.kind) ?? item.kind,
    status,
    content: Array.isArray(update.content) ? listOf(update.content).flatMap(toContent) : item.content,
    locations: Array.isArray(update.locations) ? listOf(update.locations).flatMap(toLocation) : item.locations,
    ...(update.rawInput === undefined ? {} : { rawInput: update.rawInput }),
    ...(update.rawOutput === undefined ? {} : { rawOutput: update.rawOutput }),
    output: output.text,
    outputTruncated: item.outputTruncated || output.truncated,
    ...(exitCode === undefined ? {} : { exitCode }),
    updatedAt: event.at,
    ...(ended ? { endedAt: item.endedAt ?? event.at } : {}),
  };
}

function toStatus(value: unknown): ToolStatus | undefined {
  return value === 'pending' || value === 'in_progress' || value === 'completed' || value === 'failed' ? value : undefined;
}

function toContent(content: Fields): ToolContent[] {
  switch (content.type) {
    case 'content':
      return [{ type: 'content', block: { type: 'text', ...fieldsOf(content.content) } }];
    case 'diff':
      return [{ type: 'diff', path: stringOf(content.path) ?? '', newText: stringOf(content.newText) ?? '', ...defined({ oldText: stringOf(content.oldText) }) }];
    case 'terminal':
      return [{ type: 'terminal', terminalId: stringOf(content.terminalId) ?? '' }];
    default:
      return [];
  }
}

function toLocation(location: Fields): { path: string; line?: number }[] {
  const path = stringOf(location.path);
  return path === undefined ? [] : [defined({ path, line: numberOf(location.line) })];
}

function readUsage(update: Fields): Record<string, number | undefined> {
  const cost = fieldsOf(update.cost);
  return defined({
    contextUsed: numberOf(update.used),
    contextSize: numberOf(update.size),
    costUsd: cost.currency === undefined || cost.currency === 'USD' ? numberOf(cost.amount) : undefined,
  });
}

function textOf(content: unknown): string | undefined {
  const fields = fieldsOf(content);
  return fields.type === 'text' ? stringOf(fields.text) : undefined;
}
