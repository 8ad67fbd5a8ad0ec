import { Check, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { errorMessage, toApiError, type ApiError } from '../api/errors';
import { callRpc } from '../api/rpc';
import { oneOf, type KindDetail } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useMay } from '../shell/useMay';
import { Button } from '../ui/Button';
import { toast } from '../ui/overlays/toast';
import { CodeEditor } from './CodeEditor';
import type { FormObject } from './formState';
import { parseYamlObject, yamlText } from './yamlObject';

export interface YamlCreateProps {
  kind: KindDetail;
  draft: FormObject;
  /** What the text says, as long as it is an object. */
  onDraft: (draft: FormObject) => void;
  pending: boolean;
  error: ApiError | null;
  onCreate: (resource: Record<string, unknown>) => void;
}

/** Writes a new object as YAML. */
export function YamlCreate({ kind, draft, onDraft, pending, error, onCreate }: YamlCreateProps) {
  const may = useMay('create', kind.plural);
  const org = useOrg();
  const [text, setText] = useState(() => yamlText({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: '', ...draft.metadata }, spec: draft.spec }));
  const [refused, setRefused] = useState<ApiError>();
  const [checking, setChecking] = useState(false);
  const parsed = useMemo(() => parseYamlObject(text, kind.schema), [text, kind.schema]);
  const failure = refused ?? error ?? undefined;
  const issues = useMemo(() => [...parsed.issues, ...(failure?.causes ?? []).map((cause) => ({ ...parsed.locate(cause.field ?? ''), message: `${cause.field ?? ''} ${cause.message}`.trim() }))], [parsed, failure]);
  const resource = typeof parsed.value === 'object' && parsed.value !== null ? (parsed.value as Record<string, unknown>) : undefined;
  const write = (next: string) => {
    setText(next);
    setRefused(undefined);
    const { value } = parseYamlObject(next, undefined);
    const { metadata, spec } = (value ?? {}) as Partial<FormObject>;
    if (typeof metadata === 'object' && typeof spec === 'object' && metadata !== null && spec !== null) onDraft({ metadata, spec });
  };
  const check = async () => {
    if (resource === undefined) return;
    setChecking(true);
    setRefused(undefined);
    try {
      await callRpc('resources.create', { org, resource, dryRun: true });
      toast.success('The server would take this');
    } catch (cause) {
      setRefused(toApiError(cause));
    }
    setChecking(false);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b bg-surface px-4 py-2 sm:px-5">
        <span className="min-w-0 flex-1 text-muted">{parsed.issues.length === 0 ? 'Fits the schema.' : `${parsed.issues.length} to put right.`}</span>
        <Button icon={<Check />} pending={checking} disabled={resource === undefined} onClick={() => void check()}>Check</Button>
        <Button variant="primary" icon={<Plus />} refusal={may.reason} pending={pending} disabled={resource === undefined || parsed.issues.length > 0} onClick={() => resource !== undefined && onCreate(resource)}>Create</Button>
      </div>
      {failure !== undefined && <p role="alert" className="border-b bg-danger-soft px-4 py-2 text-danger sm:px-5">{errorMessage(failure)}</p>}
      <CodeEditor label={`New ${oneOf(kind)} as YAML`} value={text} issues={issues} onChange={write} onSave={() => resource !== undefined && parsed.issues.length === 0 && onCreate(resource)} />
    </div>
  );
}
