import { Badge } from '../../ui/Badge';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { CopyButton } from '../../ui/CopyButton';
import type { ApiOperation } from './apiDocument';
import { MethodWord } from './MethodWord';
import { SchemaTree } from './SchemaTree';
import { TryIt } from './TryIt';

/** One operation: where it is, what it takes, what it answers, and a try. */
export function OperationView({ operation }: { operation: ApiOperation }) {
  const { method, path, summary, tag, isPlanned, parameters, body, responses, alsoAt } = operation;
  return (
    <article className="mx-auto flex max-w-4xl flex-col gap-6 px-4 py-6 sm:px-6">
      <header className="flex flex-col gap-2">
        <p className="flex flex-wrap items-center gap-2 text-xs text-subtle">{tag}{isPlanned && <Badge tone="warning">Comes with a later version</Badge>}</p>
        <h2 className="text-xl font-semibold text-pretty">{summary}</h2>
        <p className="flex items-center gap-1 rounded-md border bg-sunken px-3 py-1"><MethodWord method={method} /><code className="min-w-0 flex-1 text-xs break-all">{path}</code><CopyButton text={path} label="Copy address" /></p>
        {alsoAt.length > 0 && <p className="text-xs text-subtle">Also at {alsoAt.map((each, index) => <span key={each}>{index > 0 && ', '}<code className="break-all">{each.split(' ')[1]}</code></span>)}, for older clients.</p>}
      </header>
      {parameters.length > 0 && (
        <Part title="Parameters">
          <ul className="divide-y rounded-md border bg-surface">
            {parameters.map(({ in: place, name, required, description, schema }) => (
              <li key={`${place}/${name}`} className="flex flex-col gap-0.5 px-3 py-2 sm:flex-row sm:gap-4">
                <span className="w-52 shrink-0"><code className="text-xs font-semibold break-all">{name}</code> <span className="text-2xs text-subtle">{place}{required === true ? ', required' : ''}</span></span>
                <span className="min-w-0 text-sm text-muted">{description}{schema?.enum !== undefined && <> One of {schema.enum.map(String).join(', ')}.</>}{schema?.default !== undefined && <> Default: <code className="text-xs">{JSON.stringify(schema.default)}</code>.</>}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {body !== undefined && (
        <Part title="Body">
          <div className="grid grid-cols-1 items-start gap-3 lg:grid-cols-2">
            {body.schema !== undefined && <SchemaTree schema={body.schema} />}
            {body.example !== undefined && <CodeBlock code={JSON.stringify(body.example, null, 2)} language="json" />}
          </div>
        </Part>
      )}
      {!isPlanned && <TryIt operation={operation} />}
      <Part title="Answers">
        <div className="flex flex-col gap-1">
          {responses.map(({ status, description, content }) => {
            const [[type, media] = ['', undefined]] = Object.entries(content ?? {});
            const isGood = status.startsWith('2');
            return (
              <details key={status} open={isGood} className="rounded-md border bg-surface">
                <summary className="flex cursor-pointer items-baseline gap-3 px-3 py-2 text-sm"><code className={`w-14 shrink-0 text-xs font-semibold ${isGood ? 'text-success' : 'text-muted'}`}>{status}</code><span className="min-w-0 flex-1">{description}</span><span className="hidden text-2xs text-subtle sm:inline">{type}</span></summary>
                {media !== undefined && (media.schema?.properties !== undefined || media.example !== undefined) && (
                  <div className={`grid grid-cols-1 items-start gap-3 border-t p-3 ${isGood ? 'lg:grid-cols-2' : ''}`}>
                    {isGood && media.schema?.properties !== undefined && <SchemaTree schema={media.schema} />}
                    {media.example !== undefined && <CodeBlock code={JSON.stringify(media.example, null, 2)} language="json" />}
                  </div>
                )}
              </details>
            );
          })}
        </div>
      </Part>
    </article>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
    </section>
  );
}
