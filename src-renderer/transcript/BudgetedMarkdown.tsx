import { memo, useLayoutEffect, useRef, useState } from 'react';
import { Markdown } from '../ui/text/Markdown';
import { markdownBudget } from './markdownBudget';
import { useTranscriptContext } from './transcriptContext';

/** A text that grows is parsed again this often at most, in ms; what came since stands plain behind it. */
const REPARSE_MS = 120;

/** Markdown that may be long, may be one of many, and may be growing: parsed as the frames have room for it. */
export const BudgetedMarkdown = memo(function BudgetedMarkdown({ text }: { text: string }) {
  const [parsed, setParsed] = useState<string>();
  const { resolveUrl } = useTranscriptContext();
  const parsedAt = useRef(-Infinity);
  useLayoutEffect(() => {
    if (parsed === text) return;
    const parse = () => {
      parsedAt.current = performance.now();
      setParsed(text);
    };
    if (parsed === undefined && markdownBudget.take(text.length)) {
      // Before the first paint: text that is there in time never shows plain.
      parse();
      return;
    }
    let cancel = () => {};
    const timer = setTimeout(() => {
      cancel = markdownBudget.wait(text.length, parse);
    }, Math.max(0, REPARSE_MS - (performance.now() - parsedAt.current)));
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [text, parsed]);
  if (parsed !== undefined && text.startsWith(parsed)) {
    const rest = text.slice(parsed.length);
    return (
      <>
        <Parsed text={parsed} {...(resolveUrl === undefined ? {} : { resolveUrl })} />
        {rest.trim() !== '' && <Plain text={rest} />}
      </>
    );
  }
  return <Plain text={text} />;
});

const Parsed = memo(Markdown);

function Plain({ text }: { text: string }) {
  return <div className="k-prose wrap-anywhere whitespace-pre-wrap">{text.trim()}</div>;
}
