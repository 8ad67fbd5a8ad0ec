import type { RunEvent } from '#shared/api/agents';
import { formatBytes } from '#shared/kind/table';
import { fieldsOf, listOf, numberOf, stringOf, type Fields } from '#shared/runs/readEvent';
import { changeText } from './patchText';
import { phaseColour } from './objectOutput';
import type { Style } from './terminal';
import { countOf, safeLine, safeText } from './terminalText';

/** Lines of one tool's diff and output that the transcript shows; `kradle logs --json` has all. */
const MAX_DIFF_LINES = 60;
const MAX_OUTPUT_LINES = 20;

/** Turns run events into text, one after the other. An event that says nothing to a reader gives an empty text. */
export interface TranscriptText {
  write(event: RunEvent): string;
}

/** What the transcript remembers of a tool call between its updates. */
interface ToolState {
  title: string;
  kind: string;
  content: readonly Fields[];
  announced: boolean;
  ended: boolean;
}

export function createTranscriptText(style: Style): TranscriptText {
  const tools = new Map<string, ToolState>();
  let cwd: string | undefined;
  /** What the last text was part of: chunks of a message join, anything else starts a line. */
  let open: 'message' | 'thought' | 'output' | undefined;

  const line = (text: string): string => {
    const lead = open === undefined ? '' : '\n';
    open = undefined;
    return `${lead}${text}\n`;
  };

  const chunk = (kind: NonNullable<typeof open>, text: string, paint: (text: string) => string): string => {
    if (text === '') return '';
    const lead = open === kind ? '' : open === undefined ? '\n' : '\n\n';
    open = kind;
    return lead + paint(safeText(text));
  };

  function update(data: Fields): string {
    switch (data.sessionUpdate) {
      case 'agent_message_chunk':
        return chunk('message', blockText(data.content), (text) => text);
      case 'agent_thought_chunk':
        return chunk('thought', blockText(data.content), style.dim);
      case 'plan':
        return line(['', style.bold('Plan'), ...listOf(data.entries).map((entry) => `  ${planMark(stringOf(entry.status), style)} ${safeLine(stringOf(entry.content) ?? '')}`)].join('\n'));
      case 'tool_call':
      case 'tool_call_update':
        return tool(data);
      case 'notice':
        return line(style.yellow(safeLine([stringOf(data.title), stringOf(data.description)].filter(Boolean).join(': '))));
      default:
        return '';
    }
  }

  function tool(data: Fields): string {
    const id = stringOf(data.toolCallId);
    if (id === undefined) return '';
    const state = tools.get(id) ?? { title: id, kind: 'other', content: [], announced: false, ended: false };
    if (data.sessionUpdate === 'tool_call' && state.ended) Object.assign(state, { announced: false, ended: false, content: [] });
    tools.set(id, state);
    state.title = safeLine(stringOf(data.title) ?? state.title);
    state.kind = stringOf(data.kind) ?? state.kind;
    if (Array.isArray(data.content)) state.content = listOf(data.content);
    const status = stringOf(data.status);
    const streamed = stringOf(fieldsOf(fieldsOf(data._meta).terminal_output).data) ?? '';
    let text = '';
    if (status === 'completed' || status === 'failed') {
      if (state.ended) return '';
      state.ended = true;
      const mark = status === 'completed' ? style.green('✓') : style.red('✗');
      const heading = state.announced && status === 'completed' ? '' : `\n${mark} ${style.bold(state.title)} ${style.dim(state.kind)}\n`;
      text = heading + toolContent(state.content);
      return text === '' ? '' : line(text.replace(/\n$/, ''));
    }
    if (!state.announced) {
      state.announced = true;
      text += line(`\n${style.blue('●')} ${style.bold(state.title)} ${style.dim(state.kind)}`);
    }
    return text + chunk('output', streamed, style.dim);
  }

  function toolContent(content: readonly Fields[]): string {
    return content
      .map((part) => {
        if (part.type === 'diff') return indent(changeText(agentChange(part, cwd), style, MAX_DIFF_LINES));
        return part.type === 'content' ? indent(style.dim(lastLines(safeText(blockText(part.content)).trimEnd(), MAX_OUTPUT_LINES))) : '';
      })
      .filter(Boolean)
      .join('\n');
  }

  const writers: Partial<Record<string, (data: Fields) => string>> = {
    'run.phase': (data) => {
      const phase = stringOf(data.phase) ?? '';
      const why = [stringOf(data.reason), stringOf(data.message)].filter((part) => part !== undefined && part !== '').join(': ');
      return line(`${phaseColour(style, phase)(safeLine(phase))}${why === '' ? '' : style.dim(`  ${safeLine(why)}`)}`);
    },
    'agent.initialized': (data) => {
      const info = fieldsOf(data.agentInfo);
      const name = [stringOf(info.title) ?? stringOf(info.name) ?? 'agent', stringOf(info.version)].filter(Boolean).join(' ');
      return line(style.dim(`Agent: ${safeLine(name)}`));
    },
    'session.created': (data) => {
      cwd = stringOf(data.cwd);
      return '';
    },
    prompt: (data) => line(`\n${safeText(stringOf(data.text) ?? '').trimEnd().split('\n').map((each) => `${style.cyan('>')} ${each}`).join('\n')}`),
    update,
    'permission.requested': (data) => line(`\n${style.yellow('?')} ${style.bold('Permission asked:')} ${safeLine(stringOf(fieldsOf(data.toolCall).title) ?? 'a tool call')}  ${style.dim(stringOf(data.approval) ?? '')}`),
    'permission.resolved': (data) => {
      const by = stringOf(data.by);
      const answer = data.outcome === 'cancelled' ? 'cancelled' : (stringOf(data.optionId) ?? 'answered');
      return line(style.dim(`  answered: ${safeLine(answer)}${by === undefined ? '' : ` by ${safeLine(by)}`}`));
    },
    stdout: (data) => chunk('output', stringOf(data.text) ?? '', (text) => text),
    stderr: (data) => chunk('output', stringOf(data.text) ?? '', style.dim),
    'turn.ended': (data) => line(style.dim(`\nTurn ended: ${safeLine(stringOf(data.stopReason) ?? 'unknown')}`)),
    'commit.created': (data) =>
      line(`Commit ${(stringOf(data.sha) ?? '').slice(0, 10)}: ${countOf(numberOf(data.files) ?? 0, 'file')}, ${style.green(`+${numberOf(data.additions) ?? 0}`)} ${style.red(`-${numberOf(data.deletions) ?? 0}`)}`),
    'artifact.stored': (data) => line(style.dim(`Stored ${safeLine(stringOf(data.kind) ?? 'artifact')}, ${formatBytes(numberOf(data.sizeBytes) ?? 0)}`)),
    'runner.error': (data) => line(`${style.red('error:')} ${safeText(stringOf(data.message) ?? stringOf(data.reason) ?? '')}`),
    'runner.notice': (data) => line(style.dim(safeText(stringOf(data.message) ?? ''))),
  };

  return {
    write: (event) => (Object.hasOwn(writers, event.type) ? (writers[event.type]?.(fieldsOf(event.data)) ?? '') : ''),
  };
}

/** An ACP diff; paths under the agent's working directory are told from there, as people write them. */
export function agentChange(part: Fields, cwd: string | undefined): { path: string; oldText: string | undefined; newText: string } {
  const path = stringOf(part.path) ?? '';
  return { path: cwd !== undefined && path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path, oldText: stringOf(part.oldText), newText: stringOf(part.newText) ?? '' };
}

/** The readable part of an ACP content block. */
export function blockText(content: unknown): string {
  const block = fieldsOf(content);
  switch (block.type) {
    case 'text':
      return stringOf(block.text) ?? '';
    case 'resource_link':
      return `[${stringOf(block.title) ?? stringOf(block.name) ?? 'link'}](${stringOf(block.uri) ?? ''})`;
    case 'resource':
      return stringOf(fieldsOf(block.resource).text) ?? `[${stringOf(fieldsOf(block.resource).uri) ?? 'resource'}]`;
    case 'image':
    case 'audio':
      return `[${block.type}]`;
    default:
      return '';
  }
}

export function indent(text: string): string {
  return text === '' ? '' : text.split('\n').map((each) => `    ${each}`).join('\n');
}

function lastLines(text: string, count: number): string {
  const lines = text.split('\n');
  return lines.length <= count ? text : [`… ${lines.length - count} lines before`, ...lines.slice(-count)].join('\n');
}

function planMark(status: string | undefined, style: Style): string {
  if (status === 'completed') return style.green('✓');
  return status === 'in_progress' ? style.blue('●') : style.dim('○');
}
