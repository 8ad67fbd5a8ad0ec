import type { RunEvent, RunEventType } from '../api/agents';
import { applySessionUpdate } from './applySessionUpdate';
import { itemBase, keepTail, openEvent, type OpenEvent } from './openEvent';
import { defined, fieldsOf, listOf, numberOf, stringOf, type Fields } from './readEvent';
import type { PermissionOptionView, RunOutputItem, RunUsageView } from './runView';
import type { RunViewDraft } from './runViewDraft';

/** Changes the draft as one event says. An event of an unknown type, or of a shape that makes no sense, changes nothing. */
export function applyRunEvent(draft: RunViewDraft, event: RunEvent): void {
  if (Object.hasOwn(APPLY, event.type)) APPLY[event.type as RunEventType]?.(draft, openEvent(event));
}

type Apply = (draft: RunViewDraft, event: OpenEvent) => void;

const APPLY: Partial<Record<RunEventType, Apply>> = {
  'run.phase': (draft, event) => {
    const phase = stringOf(event.data.phase);
    if (phase === undefined) return;
    const told = defined({ phase, reason: stringOf(event.data.reason), message: stringOf(event.data.message) });
    draft.phase = told;
    draft.push({ type: 'phase', ...itemBase(event), ...told });
  },
  'agent.initialized': (draft, { data }) => {
    const info = fieldsOf(data.agentInfo);
    draft.agent = defined({ name: stringOf(info.name), title: stringOf(info.title), version: stringOf(info.version), protocolVersion: numberOf(data.protocolVersion) });
  },
  'session.created': (draft, { data }) => {
    const id = stringOf(data.sessionId);
    if (id !== undefined) draft.session = defined({ id, cwd: stringOf(data.cwd) });
  },
  prompt: (draft, event) => {
    draft.push({ type: 'message', ...itemBase(event), role: 'user', text: stringOf(event.data.text) ?? '', blocks: [], updatedAt: event.at, truncated: false });
  },
  update: applySessionUpdate,
  'permission.requested': (draft, event) => {
    const { data } = event;
    const key = permissionKey(event);
    if (key === undefined || draft.findPermission(key) !== undefined) return;
    draft.pushPermission(
      {
        type: 'permission',
        ...itemBase(event),
        approval: stringOf(data.approval) ?? '',
        requestId: stringOf(data.requestId) ?? '',
        toolCall: fieldsOf(data.toolCall),
        options: listOf(data.options).flatMap(toOption),
      },
      key,
    );
  },
  'permission.resolved': (draft, event) => {
    const key = permissionKey(event);
    const found = key === undefined ? undefined : draft.findPermission(key);
    if (found === undefined || found.item.outcome !== undefined) return;
    const { data } = event;
    const outcome = data.outcome === 'cancelled' ? 'cancelled' : 'selected';
    draft.replace(found.index, { ...found.item, outcome, resolvedAt: event.at, ...defined({ optionId: stringOf(data.optionId), by: stringOf(data.by) }) });
    draft.closePermission(found.index);
  },
  stdout: (draft, event) => appendOutput(draft, event, 'stdout'),
  stderr: (draft, event) => appendOutput(draft, event, 'stderr'),
  'turn.ended': (draft, event) => {
    draft.usage = { ...draft.usage, ...readTurnUsage(event.data.usage) };
    draft.push({ type: 'turn', ...itemBase(event), stopReason: stringOf(event.data.stopReason) ?? 'unknown' });
  },
  'commit.created': (draft, event) => {
    const { data } = event;
    draft.push({
      type: 'commit',
      ...itemBase(event),
      sha: stringOf(data.sha) ?? '',
      files: numberOf(data.files) ?? 0,
      additions: numberOf(data.additions) ?? 0,
      deletions: numberOf(data.deletions) ?? 0,
    });
  },
  'artifact.stored': (draft, event) => {
    const { data } = event;
    draft.push({
      type: 'artifact',
      ...itemBase(event),
      kind: stringOf(data.kind) ?? 'other',
      digest: stringOf(data.digest) ?? '',
      sizeBytes: numberOf(data.sizeBytes) ?? 0,
      ...defined({ name: stringOf(data.name) }),
    });
  },
  'runner.error': (draft, event) => {
    draft.push({ type: 'notice', ...itemBase(event), level: 'error', message: stringOf(event.data.message) ?? '', ...defined({ reason: stringOf(event.data.reason) }) });
  },
  'runner.notice': (draft, event) => {
    draft.push({ type: 'notice', ...itemBase(event), level: 'info', message: stringOf(event.data.message) ?? '' });
  },
};

/** Request ids repeat between attempts; the approval's name does not. */
function permissionKey({ attempt, data }: OpenEvent): string | undefined {
  const approval = stringOf(data.approval);
  if (approval !== undefined && approval !== '') return approval;
  const requestId = stringOf(data.requestId);
  return requestId === undefined ? undefined : `${attempt}:${requestId}`;
}

function toOption(option: Fields): PermissionOptionView[] {
  const optionId = stringOf(option.optionId);
  return optionId === undefined ? [] : [{ optionId, name: stringOf(option.name) ?? optionId, kind: stringOf(option.kind) ?? '' }];
}

function appendOutput(draft: RunViewDraft, event: OpenEvent, stream: RunOutputItem['stream']): void {
  const text = stringOf(event.data.text) ?? '';
  const { last } = draft;
  const joins = last?.type === 'output' && last.stream === stream && last.attempt === event.attempt;
  const kept = keepTail(joins ? last.text + text : text, draft.limits.outputLength);
  if (joins) draft.replaceLast({ ...last, ...kept, truncated: last.truncated || kept.truncated, updatedAt: event.at });
  else draft.push({ type: 'output', ...itemBase(event), stream, ...kept, updatedAt: event.at });
}

function readTurnUsage(value: unknown): RunUsageView {
  const usage = fieldsOf(value);
  return defined({ inputTokens: numberOf(usage.inputTokens), outputTokens: numberOf(usage.outputTokens), totalTokens: numberOf(usage.totalTokens) });
}
