import { lazy, useState } from 'react';
import { Segmented } from '../../../ui/fields/Segmented';

const CodeEditor = lazy(() => import('../../../resource/CodeEditor').then((module) => ({ default: module.CodeEditor })));
const FileMarkdown = lazy(() => import('../markdown/FileMarkdown').then((module) => ({ default: module.FileMarkdown })));

/** An editor for a file, with a look at how it reads where that is something else. */
export function FileEditor({ label, path, value, onChange, place }: { label: string; path: string; value: string; onChange: (text: string) => void; place: { org: string; repo: string; ref: string; path: string } }) {
  const [view, setView] = useState<(typeof VIEWS)[number]['value']>('write');
  const isMarkdown = /\.(md|markdown|mdown)$/i.test(path);
  return (
    <div className="overflow-hidden rounded-lg border bg-surface">
      {isMarkdown && <div className="flex border-b p-1.5"><Segmented size="sm" label="View" value={view} onValueChange={setView} options={VIEWS} /></div>}
      {isMarkdown && view === 'preview'
        ? <div className="min-h-96 px-6 py-4"><FileMarkdown text={value} place={place} /></div>
        : <div className="flex h-[65vh] flex-col"><CodeEditor label={label} value={value} onChange={onChange} language={/\.ya?ml$/i.test(path) ? 'yaml' : 'text'} /></div>}
    </div>
  );
}

const VIEWS = [{ value: 'write', label: 'Write' }, { value: 'preview', label: 'Preview' }] as const;
