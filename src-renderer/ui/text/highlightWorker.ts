import hljs from 'highlight.js/lib/common';
import { tokenLines, type CodeToken } from '../../diff/tokens/codeTokens';

/** What the worker is asked; answered by as many {@link HighlightAnswer}s as the text has parts. */
export interface HighlightQuestion {
  readonly id: number;
  readonly text: string;
  readonly language: string;
}

export interface HighlightAnswer {
  readonly id: number;
  readonly lines: readonly (readonly CodeToken[])[];
  readonly done: boolean;
}

/** Lines of one message: unpacking it must not take a frame. */
const PART_LINES = 800;

self.addEventListener('message', ({ data }: MessageEvent<HighlightQuestion>) => {
  const { id, text, language } = data;
  const lines = hljs.getLanguage(language) === undefined ? [] : tokenLines(hljs.highlight(text, { language, ignoreIllegals: true }).value);
  for (let from = 0; from < lines.length || from === 0; from += PART_LINES) {
    const part: HighlightAnswer = { id, lines: lines.slice(from, from + PART_LINES), done: from + PART_LINES >= lines.length };
    self.postMessage(part);
  }
});
