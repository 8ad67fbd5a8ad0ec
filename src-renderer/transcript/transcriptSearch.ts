import type { RunItem } from '#shared/runs/runView';
import { stripAnsi } from './ansi';

/** Positions of the items that contain the query, in any case. */
export function searchItems(items: readonly RunItem[], query: string): number[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [];
  const found: number[] = [];
  items.forEach((item, index) => {
    if (searchText(item).includes(wanted)) found.push(index);
  });
  return found;
}

/** Items do not change once replaced, so their text is prepared once. */
const texts = new WeakMap<RunItem, string>();

function searchText(item: RunItem): string {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const text = itemText(item).toLowerCase();
  texts.set(item, text);
  return text;
}

/** What an item says, as plain text; what "copy" copies. */
export function itemText(item: RunItem): string {
  switch (item.type) {
    case 'message':
      return item.text;
    case 'output':
      return stripAnsi(item.text);
    case 'tool':
      return [
        item.title,
        ...item.locations.map((location) => location.path),
        item.rawInput === undefined ? '' : toText(item.rawInput),
        ...item.content.map((content) => (content.type === 'diff' ? `${content.path}\n${content.newText}` : content.type === 'content' ? toText(content.block.text ?? '') : '')),
        stripAnsi(item.output),
      ].filter(Boolean).join('\n');
    case 'permission':
      return [toText(item.toolCall.title ?? ''), toText(item.toolCall.rawInput ?? ''), ...item.options.map((option) => option.name)].join('\n');
    case 'notice':
      return item.message;
    case 'phase':
      return [item.phase, item.reason, item.message].filter(Boolean).join(' ');
    case 'turn':
      return item.stopReason;
    case 'commit':
      return item.sha;
    case 'artifact':
      return [item.kind, item.name].filter(Boolean).join(' ');
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
