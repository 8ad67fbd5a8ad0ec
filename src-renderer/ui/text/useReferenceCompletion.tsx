import { clsx } from 'clsx';
import { useContext, useEffect, useId, useState, type KeyboardEvent, type ReactNode, type SyntheticEvent } from 'react';
import { MarkdownScopeContext, type ReferenceOption, type TextReference } from './markdownScope';

/** Time that typing stands still before the server is asked, in ms. */
const DELAY_MS = 120;

interface Beginning {
  readonly reference: TextReference;
  /** Place of its sign in the text. */
  readonly at: number;
}

/** The reference that is being written at a place of a text: `@ad`, `#1`. */
export function beginningAt(text: string, caret: number): Beginning | undefined {
  const match = /(?:^|[\s([{,;:"'])([@#])([\w.-]{0,60})$/.exec(text.slice(0, caret));
  if (match === null) return undefined;
  const [, sign, name = ''] = match;
  return { reference: { type: sign === '@' ? 'person' : 'number', name }, at: caret - name.length - 1 };
}

/** Offers what a reference may mean while it is written into a text field: arrows choose, Enter or Tab takes, Escape goes on as it is. */
export function useReferenceCompletion(value: string, onChange: (value: string) => void) {
  const { complete } = useContext(MarkdownScopeContext);
  const [beginning, setBeginning] = useState<Beginning>();
  const [options, setOptions] = useState<readonly ReferenceOption[]>([]);
  const [active, setActive] = useState(0);
  const id = useId();
  const key = beginning === undefined ? undefined : `${beginning.reference.type}:${beginning.reference.name}`;
  useEffect(() => {
    if (complete === undefined || beginning === undefined) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      complete(beginning.reference, controller.signal).then(
        (found) => {
          if (controller.signal.aborted) return;
          setOptions(found);
          setActive(0);
        },
        // Without an answer the writer goes on writing.
        () => setOptions([]),
      );
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
    // The place moves with every letter in front; what is looked for does not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [complete, key]);

  const isOpen = beginning !== undefined && options.length > 0;
  const close = () => {
    setBeginning(undefined);
    setOptions([]);
  };
  const take = (option: ReferenceOption | undefined) => {
    if (beginning === undefined || option === undefined) return;
    const end = beginning.at + 1 + beginning.reference.name.length;
    onChange(`${value.slice(0, beginning.at)}${option.text} ${value.slice(end).replace(/^ /, '')}`);
    close();
  };
  const field = {
    'aria-autocomplete': 'list' as const,
    'aria-controls': isOpen ? id : undefined,
    'aria-activedescendant': isOpen ? `${id}-${active}` : undefined,
    onSelect: (event: SyntheticEvent<HTMLTextAreaElement>) => {
      if (complete === undefined) return;
      const { selectionStart, selectionEnd, value: text } = event.currentTarget;
      const next = selectionStart === selectionEnd ? beginningAt(text, selectionStart) : undefined;
      if (next === undefined) close();
      else setBeginning(next);
    },
    onBlur: close,
    onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => {
      if (!isOpen) return;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') setActive((active + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length);
      else if ((event.key === 'Enter' && !event.metaKey && !event.ctrlKey) || event.key === 'Tab') take(options[active]);
      else if (event.key === 'Escape') close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
  const list: ReactNode = isOpen && (
    <ul id={id} role="listbox" aria-label={beginning.reference.type === 'person' ? 'People' : 'Pull requests and issues'} className="absolute top-full left-0 z-40 mt-1 max-h-56 w-80 max-w-full overflow-auto rounded-lg border bg-raised p-1 shadow-high">
      {options.map((option, index) => (
        <li
          key={option.text}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className={clsx('flex cursor-default items-baseline gap-2 rounded-md px-2 py-1 text-sm', index === active && 'bg-hover')}
          // The field keeps the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            take(option);
          }}
          onMouseEnter={() => setActive(index)}
        >
          <span className="shrink-0 font-medium">{option.text}</span>
          {option.description !== undefined && <span className="min-w-0 truncate text-xs text-subtle">{option.description}</span>}
        </li>
      ))}
    </ul>
  );
  return { field: complete === undefined ? {} : field, list };
}
