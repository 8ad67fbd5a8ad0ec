import { lazy, useState } from 'react';

const CodeEditor = lazy(() => import('../../resource/CodeEditor').then((module) => ({ default: module.CodeEditor })));
const FileMarkdown = lazy(() => import('./markdown/FileMarkdown').then((module) => ({ default: module.FileMarkdown })));

/** An editor for a file, with a look at how it reads where that is something else. */
export function FileEditor({ label, path, value, onChange, place }: { label: string; path: string; value: string; onChange: (text: string) => void; place: { org: string; repo: string; ref: string; path: string } }) {
  const [preview, setPreview] = useState(false);
  const isMarkdown = /\.(md|markdown|mdown)$/i.test(path);
  const tab = (shown: boolean, words: string) => (
    <button type="button" aria-pressed={preview === shown} onClick={() => setPreview(shown)} className="rounded-sm px-2 py-0.5 text-xs text-muted hover:text-fg aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-fg aria-pressed:shadow-low">{words}</button>
  );
  return (
    <div className="overflow-hidden rounded-lg border bg-surface">
      {isMarkdown && <div role="group" aria-label="View" className="flex gap-0.5 border-b bg-sunken p-1">{tab(false, 'Write')}{tab(true, 'Preview')}</div>}
      {isMarkdown && preview
        ? <div className="min-h-96 px-6 py-4"><FileMarkdown text={value} place={place} /></div>
        : <div className="flex h-[65vh] flex-col"><CodeEditor label={label} value={value} onChange={onChange} language={/\.ya?ml$/i.test(path) ? 'yaml' : 'text'} /></div>}
    </div>
  );
}
