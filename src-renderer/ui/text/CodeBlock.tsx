import { CopyButton } from '../CopyButton';
import { useHighlightedLines } from './highlight';

/** Code or a command to read and copy. */
export function CodeBlock({ code, language, className = '', copy = true }: { code: string; language?: string | undefined; className?: string; copy?: boolean }) {
  const lines = useHighlightedLines(code, language);
  return (
    <div className={`group relative rounded-md border bg-sunken ${className}`}>
      <pre tabIndex={0} className={`overflow-x-auto px-3 py-2 text-xs leading-5 ${copy ? 'pr-10' : ''}`}>
        <code>
          {lines === undefined
            ? code
            : lines.map((tokens, index) => (
                <span key={index}>
                  {tokens.map((token, at) => <span key={at} className={token.className || undefined}>{token.text}</span>)}
                  {index < lines.length - 1 && '\n'}
                </span>
              ))}
        </code>
      </pre>
      {copy && <CopyButton text={code} className="absolute top-px right-px h-8.5! bg-sunken" />}
    </div>
  );
}
