import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { File } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useState } from 'react';
import { useRpc } from '../../../api/rpc';
import { Spinner } from '../../../ui/Spinner';
import { codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';
import { useFoundPaths } from './useFoundPaths';

const SHOWN = 60;

/** Any file of the repository, by letters of its path. */
export function GoToFile({ refName, onClose }: { refName: string; onClose: () => void }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const { data, isPending, error } = useRpc('repositories.files', { org, repository: repo, ref: refName }, { staleTime: 60_000 });
  const found = useFoundPaths(data?.paths, text, SHOWN);
  return (
    <Radix.Root open onOpenChange={onClose}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content aria-describedby={undefined} className="fixed top-[10vh] left-1/2 z-40 w-[calc(100vw-24px)] max-w-2xl -translate-x-1/2 animate-rise overflow-hidden rounded-lg border bg-raised shadow-high">
          <Radix.Title className="sr-only">Go to a file</Radix.Title>
          <Command shouldFilter={false} label="Go to a file" loop>
            <Command.Input autoFocus value={text} onValueChange={setText} placeholder={`A file in ${repo} at ${refName}…`} className="h-12 w-full border-b bg-transparent px-4 text-base focus-visible:outline-none" />
            <Command.List className="max-h-[min(26rem,60vh)] overflow-auto p-2">
              {isPending && <p className="flex items-center justify-center gap-2 py-6 text-muted"><Spinner />Loading the paths</p>}
              {error !== null && <p role="alert" className="py-6 text-center text-danger">{error.message}</p>}
              {data !== undefined && <Command.Empty className="py-6 text-center text-muted">No path has these letters in this order.</Command.Empty>}
              {found.map(({ path, marks }) => (
                <Command.Item
                  key={path}
                  value={path}
                  onSelect={() => {
                    onClose();
                    void navigate({ href: codeHref({ org, repo, ref: refName, path, type: 'blob' }) });
                  }}
                  className="flex h-8 cursor-default items-center gap-2 rounded-md px-2 data-[selected=true]:bg-selected"
                >
                  <File aria-hidden className="size-3.5 shrink-0 text-subtle" />
                  <span className="min-w-0 truncate"><Marked text={path} marks={marks} /></span>
                </Command.Item>
              ))}
              {data?.truncated === true && <p className="px-2 py-1.5 text-xs text-subtle">This repository has more files than are listed here.</p>}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Marked({ text, marks }: { text: string; marks: ReadonlySet<number> }) {
  if (marks.size === 0) return shownPath(text);
  return text.split('').map((letter, index) => (marks.has(index) ? <b key={index} className="font-semibold text-accent">{shownPath(letter)}</b> : shownPath(letter)));
}
