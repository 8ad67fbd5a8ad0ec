import { useEffect, useState } from 'react';
import { tokenLines, type CodeToken } from '../diff/codeTokens';

/** Longer texts are shown plain: colouring them would stop the page. */
const MAX_CHARS = 400_000;

/**
 * The lines of a text with colours, or undefined while there are none (yet): show the plain text then. `language` is a name that
 * highlight.js knows; `codeLanguage(path)` guesses it.
 */
export function useHighlightedLines(text: string, language: string | undefined): readonly (readonly CodeToken[])[] | undefined {
  const [done, setDone] = useState<{ text: string; language: string; lines: CodeToken[][] }>();
  useEffect(() => {
    if (language === undefined || text.length > MAX_CHARS) return;
    let wanted = true;
    void import('highlight.js/lib/common').then(({ default: hljs }) => {
      if (!wanted || hljs.getLanguage(language) === undefined) return;
      setDone({ text, language, lines: tokenLines(hljs.highlight(text, { language, ignoreIllegals: true }).value) });
    });
    return () => {
      wanted = false;
    };
  }, [text, language]);
  return done?.text === text && done.language === language ? done.lines : undefined;
}
