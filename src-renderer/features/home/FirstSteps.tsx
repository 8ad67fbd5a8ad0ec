import { Link, useNavigate } from '@tanstack/react-router';
import { Bot, FolderDown, FolderPlus, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { Mark } from '../../shell/Mark';

/** An organization that has nothing yet: see it work first, or begin with one's own. */
export function FirstSteps() {
  const org = useOrg();
  const navigate = useNavigate();
  const demo = useVerb('demo.start', { onSuccess: async ({ runName }) => navigate({ to: '/o/$org/runs/$run', params: { org, run: runName } }) });
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-6 py-4 sm:py-8">
      <section className="flex flex-col items-start gap-3 rounded-lg border bg-surface p-5 sm:flex-row sm:items-center sm:gap-5">
        <Mark size={44} />
        <div className="min-w-0 flex-1">
          <h2 className="text-lg font-semibold">See an agent&apos;s work become a merged change</h2>
          <p className="mt-0.5 text-pretty text-muted">A sample repository with a failing test, and a small agent that ships with Kradle: no model, no key, two minutes. It will ask you before it runs a command.</p>
        </div>
        <Button variant="primary" icon={<Play />} pending={demo.isPending} onClick={() => demo.mutate({ org })}>Try it</Button>
      </section>
      <div>
        <h2 className="mb-2 font-semibold">Or begin with your own</h2>
        <div className="grid grid-cols-1 gap-3 md:grid-cols-3">
          <Way icon={<FolderDown />} title="Import a repository" command="npx kradle import ." action={<Link to="/o/$org/repositories" params={{ org }} search={{ new: 'import' }}>Import</Link>}>
            From a folder on this machine or a git address, with its branches and tags.
          </Way>
          <Way icon={<FolderPlus />} title="Create one and push" command="npx kradle repo create my-project" action={<Link to="/o/$org/repositories" params={{ org }} search={{ new: 'empty' }}>Create</Link>}>
            An empty repository; its page says what to paste.
          </Way>
          <Way icon={<Bot />} title="Add an agent" command="npx kradle agent presets" action={<Link to="/o/$org/agents/new" params={{ org }}>Add</Link>}>
            Any program that speaks ACP, or a plain command. Those on your PATH are found.
          </Way>
        </div>
      </div>
    </div>
  );
}

function Way({ icon, title, command, action, children }: { icon: ReactNode; title: string; command: string; action: ReactNode; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2 rounded-lg border bg-surface p-4">
      <span aria-hidden className="text-accent [&_svg]:size-5">{icon}</span>
      <h3 className="font-semibold">{title}</h3>
      <p className="flex-1 text-muted">{children}</p>
      <CodeBlock code={command} language="bash" />
      <Button asChild>{action}</Button>
    </section>
  );
}
