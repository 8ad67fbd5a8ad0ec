import { lazy, Suspense, useId, useState, type ReactNode } from 'react';
import { MOD_KEY } from '../Kbd';
import { Skeleton } from '../Skeleton';
import { Textarea } from '../fields/Textarea';
import { useReferenceCompletion } from './useReferenceCompletion';

export interface MarkdownEditorProps {
  /** Its name for those who cannot see the page. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  rows?: number;
  autoFocus?: boolean;
  disabled?: boolean;
  id?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
  /** Buttons that write something into the text. */
  tools?: ReactNode;
  /** Called on Cmd/Ctrl-Enter. */
  onSubmit?: () => void;
}

/** Writes Markdown, with a look at how it will read. */
export function MarkdownEditor({ label, value, onChange, onSubmit, rows = 4, id, tools, ...rest }: MarkdownEditorProps) {
  const [preview, setPreview] = useState(false);
  const panel = useId();
  const completion = useReferenceCompletion(value, onChange);
  const tab = (shown: boolean, words: string) => (
    <button
      type="button"
      role="tab"
      aria-selected={preview === shown}
      aria-controls={panel}
      onClick={() => setPreview(shown)}
      className="rounded-sm px-2 py-0.5 text-xs text-muted hover:text-fg aria-selected:bg-sunken aria-selected:font-medium aria-selected:text-fg"
    >
      {words}
    </button>
  );
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <div role="tablist" aria-label={label} className="flex gap-0.5">
          {tab(false, 'Write')}
          {tab(true, 'Preview')}
        </div>
        <span className="flex-1" />
        {!preview && tools}
        <span className="text-2xs text-subtle">Markdown{onSubmit !== undefined && ` · ${MOD_KEY}-Enter sends`}</span>
      </div>
      <div id={panel} className="relative" role="tabpanel" aria-label={preview ? 'Preview' : 'Write'}>
        {preview
          ? <div className="min-h-16 rounded-md border bg-surface px-3 py-2">{value.trim() === '' ? <p className="text-subtle">Nothing to show yet.</p> : <Suspense fallback={<Skeleton />}><Markdown text={value} /></Suspense>}</div>
          : <Textarea aria-label={label} {...(id === undefined ? {} : { id })} rows={rows} value={value} onChange={(event) => onChange(event.target.value)} {...(onSubmit === undefined ? {} : { onSubmit })} {...completion.field} {...rest} />}
        {!preview && completion.list}
      </div>
    </div>
  );
}

const Markdown = lazy(() => import('./Markdown').then((module) => ({ default: module.Markdown })));
