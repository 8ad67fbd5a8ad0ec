import { useQueryClient } from '@tanstack/react-query';
import { Check, RotateCcw, Save } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { KradleObject } from '#shared/kind/defineKind';
import { singularTitle } from '#shared/kind/kindWords';
import { errorMessage, isApiError, toApiError, type ApiError } from '../api/errors';
import { recordObject } from '../api/liveChanges';
import { callRpc } from '../api/rpc';
import type { KindDetail } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useMay } from '../shell/useMay';
import { Button } from '../ui/Button';
import { CopyButton } from '../ui/CopyButton';
import { Switch } from '../ui/fields/Switch';
import { toast } from '../ui/overlays/toast';
import { CodeEditor } from './CodeEditor';
import { parseYamlObject, toYaml } from './yamlObject';

/** An object as YAML: checked by its schema while one types, by the server before it is saved. */
export function ResourceYaml({ kind, object }: { kind: KindDetail; object: KradleObject }) {
  const org = useOrg();
  const queries = useQueryClient();
  const may = useMay('update', kind.plural, object.metadata.name);
  const [base, setBase] = useState(object);
  const [text, setText] = useState(() => toYaml(object));
  const [full, setFull] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState<'check' | 'save'>();
  const dirty = text !== toYaml(base);
  const moved = base.metadata.resourceVersion !== object.metadata.resourceVersion;
  // An editor that nobody has typed in follows the object.
  if (moved && !dirty && busy === undefined) {
    setBase(object);
    setText(toYaml(object));
  }
  const parsed = useMemo(() => parseYamlObject(text, kind.schema), [text, kind.schema]);
  const issues = useDeferredValue(useMemo(
    () => [...parsed.issues, ...(error?.causes ?? []).map((cause) => ({ ...parsed.locate(cause.field ?? ''), message: `${cause.field ?? ''} ${cause.message}`.trim() }))],
    [parsed, error],
  ));

  const send = async (mode: 'check' | 'save') => {
    if (parsed.value === undefined || busy !== undefined) return;
    setBusy(mode);
    setError(undefined);
    const input = { org, kind: kind.plural, name: object.metadata.name, resource: parsed.value as Record<string, unknown> };
    try {
      await callRpc('resources.replace', { ...input, dryRun: true });
      if (mode === 'check') toast.success('The server would take this');
      else {
        const saved = await callRpc('resources.replace', input);
        recordObject(queries, { kind: kind.plural, org, type: 'MODIFIED' }, saved);
        setBase(saved);
        setText(toYaml(saved));
        toast.success(`${saved.metadata.name} was saved`);
      }
    } catch (cause) {
      setError(toApiError(cause));
    }
    setBusy(undefined);
  };
  const takeTheirs = () => {
    setBase(object);
    setText(toYaml(object));
    setError(undefined);
  };
  const keepMine = () => {
    setText(text.replace(/^(\s*resourceVersion:\s*).*$/m, `$1"${object.metadata.resourceVersion}"`));
    setBase(object);
    setError(undefined);
  };
  const conflict = dirty && (moved || isApiError(error, 'Conflict'));

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b bg-surface px-4 py-2 sm:px-5">
        <label className="flex items-center gap-2 text-muted"><Switch checked={full} onCheckedChange={setFull} />With status, read only</label>
        <span className="flex-1" />
        <CopyButton text={() => (full ? toYaml(object, { full: true }) : text)}>Copy</CopyButton>
        {!full && (
          <>
            <Button icon={<RotateCcw />} disabled={!dirty} onClick={takeTheirs}>Reset</Button>
            <Button icon={<Check />} pending={busy === 'check'} disabled={parsed.value === undefined} onClick={() => void send('check')}>Check</Button>
            <Button variant="primary" icon={<Save />} refusal={may.reason} pending={busy === 'save'} disabled={!dirty || parsed.value === undefined || parsed.issues.length > 0} onClick={() => void send('save')}>Save</Button>
          </>
        )}
      </div>
      {conflict && (
        <div role="alert" className="flex flex-wrap items-center gap-2 border-b bg-warning-soft px-4 py-2 sm:px-5">
          <span className="min-w-0 flex-1">Somebody changed this object while you edited it.</span>
          <Button size="sm" onClick={takeTheirs}>Take theirs, drop mine</Button>
          <Button size="sm" onClick={keepMine}>Keep mine, over theirs</Button>
        </div>
      )}
      {error !== undefined && !isApiError(error, 'Conflict') && <p role="alert" className="border-b bg-danger-soft px-4 py-2 text-danger sm:px-5">{errorMessage(error)}</p>}
      {full
        ? <CodeEditor key="full" label="The whole object as YAML" value={toYaml(object, { full: true })} readOnly />
        : <CodeEditor key="edit" label={`${singularTitle(kind.title)} as YAML`} value={text} issues={issues} onSave={() => void send('save')} onChange={(next) => { setText(next); setError(undefined); }} />}
    </div>
  );
}
