import { Send, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { Field } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Textarea } from '../../ui/fields/Textarea';
import { addressOf, curlOf, type ApiOperation } from './apiDocument';

/** Of an answer that is shown; a longer one is cut. */
const MAX_SHOWN = 200_000;

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly ms: number;
  readonly headers: readonly [string, string][];
  readonly text: string;
}

/** Sends the request as whoever is signed in, and shows what came back; and the same for a terminal. */
export function TryIt({ operation }: { operation: ApiOperation }) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => firstValues(operation));
  const [body, setBody] = useState(() => (operation.body === undefined ? undefined : JSON.stringify(operation.body.example ?? {}, null, 2)));
  const [answer, setAnswer] = useState<Answer>();
  const [failure, setFailure] = useState<string>();
  const sending = useRef<AbortController>(undefined);
  const [isSending, setIsSending] = useState(false);
  useEffect(() => () => sending.current?.abort(), []);

  const headers = Object.fromEntries(operation.parameters.filter(({ in: place, name }) => place === 'header' && values[name]).map(({ name }) => [name, values[name] ?? '']));
  const address = addressOf(operation, values);
  const missing = operation.parameters.filter(({ in: place, name }) => place === 'path' && !values[name]).map(({ name }) => name);

  const send = async () => {
    const abort = new AbortController();
    sending.current = abort;
    setIsSending(true);
    setFailure(undefined);
    const startedAt = performance.now();
    try {
      const response = await fetch(address, { method: operation.method, signal: abort.signal, headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }, ...(body === undefined ? {} : { body }) });
      const shown = { status: response.status, statusText: response.statusText, ms: Math.round(performance.now() - startedAt), headers: [...response.headers].filter(([name]) => SHOWN_HEADERS.test(name)) };
      setAnswer({ ...shown, text: '' });
      await readText(response, (text) => setAnswer({ ...shown, text }), abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      if (sending.current === abort) setIsSending(false);
    }
  };

  return (
    <section aria-label="Try it" className="flex flex-col gap-3 rounded-lg border bg-surface p-4">
      <h3 className="text-sm font-semibold">Try it</h3>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {operation.parameters.map(({ in: place, name, required }) => (
            <Field key={`${place}/${name}`} label={name} required={required === true}>
              {(control) => <Input {...control} mono value={values[name] ?? ''} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />}
            </Field>
          ))}
        </div>
        {body !== undefined && <Field label="Body">{(control) => <Textarea {...control} rows={Math.min(16, body.split('\n').length + 1)} spellCheck={false} className="font-mono text-xs" value={body} onChange={(event) => setBody(event.target.value)} />}</Field>}
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" variant={operation.method === 'DELETE' ? 'danger' : 'primary'} icon={<Send />} pending={isSending} disabled={missing.length > 0}>Send {operation.method}</Button>
          {isSending && <Button icon={<Square />} onClick={() => sending.current?.abort()}>Stop</Button>}
          <span className="text-xs text-subtle">{missing.length > 0 ? `Fill in ${missing.join(', ')}.` : operation.method === 'GET' ? 'Asks as you.' : 'A real request, as you.'}</span>
        </div>
      </form>
      <div aria-live="polite" className="flex min-w-0 flex-col gap-2">
        {failure !== undefined && <p role="alert" className="text-sm text-danger">The request failed: {failure}</p>}
        {answer !== undefined && (
          <>
            <p className="text-sm"><code className={`font-semibold ${answer.status < 400 ? 'text-success' : 'text-danger'}`}>{answer.status} {answer.statusText}</code> <span className="text-xs text-subtle">{answer.ms} ms</span></p>
            {answer.headers.length > 0 && <p className="text-2xs break-all text-subtle">{answer.headers.map(([name, value]) => `${name}: ${value}`).join(' · ')}</p>}
            {answer.text !== '' && <CodeBlock code={answer.text} language="json" className="[&_pre]:max-h-96 [&_pre]:overflow-auto" />}
          </>
        )}
      </div>
      <details>
        <summary className="cursor-pointer text-xs text-muted">From a terminal</summary>
        <CodeBlock className="mt-2" code={curlOf(operation, { url: `${location.origin}${address}`, body, headers })} language="bash" />
      </details>
    </section>
  );
}

const SHOWN_HEADERS = /^(?:etag|link|retry-after|x-correlation-id|ratelimit-remaining|idempotency-replayed|content-type)$/;

/** The parts of the path from their examples; all else is left to whoever tries it. */
function firstValues({ parameters }: ApiOperation): Record<string, string> {
  return Object.fromEntries(parameters.filter(({ in: place, example }) => place === 'path' && typeof example === 'string').map(({ name, example }) => [name, String(example)]));
}

/** Shows what has come while more is coming: streams do not end. */
async function readText(response: Response, show: (text: string) => void, signal: AbortSignal): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let step = await reader?.read(); step?.done === false && !signal.aborted; step = await reader?.read()) {
    text += step.value;
    if (text.length > MAX_SHOWN) {
      show(`${text.slice(0, MAX_SHOWN)}\n… more was left out`);
      await reader?.cancel();
      return;
    }
    show(text);
  }
  show(pretty(text));
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
