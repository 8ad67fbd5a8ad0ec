import type { TranscriptRow } from './transcriptRows';

const LINE_HEIGHT = 23;
/** Characters in a line of a message at the usual width. */
const LINE_LENGTH = 96;
const estimates = new WeakMap<TranscriptRow, number>();

/**
 * About how high a row is, in px, before it is measured. A good guess is what keeps the page still while earlier rows come in front
 * of what is being read.
 */
export function estimateRowHeight(row: TranscriptRow): number {
  const known = estimates.get(row);
  if (known !== undefined) return known;
  const estimate = guess(row);
  estimates.set(row, estimate);
  return estimate;
}

function guess({ item, text, isFirst, isLast }: TranscriptRow): number {
  const padding = (isFirst ? 10 : 0) + 4;
  switch (item.type) {
    case 'message':
      if (item.role === 'thought') return 32;
      return padding + textHeight(text ?? item.text) + (item.role === 'user' ? (isFirst ? 36 : 0) + (isLast ? 10 : 0) : 0);
    case 'tool': {
      const edits = item.content.reduce((sum, content) => sum + (content.type === 'diff' ? Math.min(42, content.newText.split('\n', 43).length + 3) : 0), 0);
      const isOpen = edits > 0 || item.status === 'failed' || (item.kind === 'execute' && item.output !== '');
      return padding + 34 + (isOpen ? 80 + edits * 20 + Math.min(16, item.output.split('\n', 17).length) * 18 : 0);
    }
    case 'output':
      return padding + 24 + Math.min(item.stream === 'stdout' ? 40 : 6, item.text.split('\n', 41).length) * 18;
    case 'permission':
      return padding + (item.outcome === undefined ? 200 : 34);
    default:
      return padding + 20;
  }
}

function textHeight(text: string): number {
  let height = 0;
  for (const line of text.split('\n')) height += line === '' ? 8 : Math.ceil(line.length / LINE_LENGTH) * LINE_HEIGHT;
  return height;
}
