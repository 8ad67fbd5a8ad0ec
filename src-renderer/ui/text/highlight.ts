import { useEffect, useState } from 'react';
import { tokenLines, type CodeToken } from '../../diff/tokens/codeTokens';
import type { HighlightAnswer, HighlightQuestion } from './highlightWorker';

/** Longer texts are shown plain. */
const MAX_CHARS = 4_000_000;
/** Up to here colouring takes less than a frame or two, and a worker would only come later. */
const SMALL_CHARS = 40_000;

type Lines = readonly (readonly CodeToken[])[];

/**
 * The lines of a text with colours, or undefined while there are none (yet): show the plain text then. A long text is coloured beside the page,
 * and its lines come part by part from the beginning. `language` is a name that highlight.js knows; `codeLanguage(path)` guesses it.
 */
export function useHighlightedLines(text: string, language: string | undefined): Lines | undefined {
  const [done, setDone] = useState<{ text: string; language: string; lines: Lines }>();
  useEffect(() => {
    if (language === undefined || text.length > MAX_CHARS) return;
    let wanted = true;
    const show = (lines: Lines) => {
      if (wanted && lines.length > 0) setDone({ text, language, lines });
    };
    if (text.length > SMALL_CHARS) {
      const stop = highlightBeside(text, language, show);
      return () => {
        wanted = false;
        stop();
      };
    }
    void import('highlight.js/lib/common').then(({ default: hljs }) => {
      if (wanted && hljs.getLanguage(language) !== undefined) show(tokenLines(hljs.highlight(text, { language, ignoreIllegals: true }).value));
    });
    return () => {
      wanted = false;
    };
  }, [text, language]);
  return done?.text === text && done.language === language ? done.lines : undefined;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, (answer: HighlightAnswer) => void>();

/** Calls `show` with what is coloured so far. Answers what stops it. */
function highlightBeside(text: string, language: string, show: (lines: Lines) => void): () => void {
  worker ??= startWorker();
  lastId += 1;
  const id = lastId;
  const lines: (readonly CodeToken[])[] = [];
  waiting.set(id, (answer) => {
    for (const line of answer.lines) lines.push(line);
    show([...lines]);
    if (answer.done) waiting.delete(id);
  });
  const question: HighlightQuestion = { id, text, language };
  worker.postMessage(question);
  return () => {
    if (!waiting.delete(id)) return;
    // It is busy with what nobody wants any more, perhaps for seconds.
    if (waiting.size > 0) return;
    worker?.terminate();
    worker = undefined;
  };
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlightWorker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightAnswer>) => waiting.get(data.id)?.(data));
  return started;
}
