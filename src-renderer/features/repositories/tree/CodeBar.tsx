import { Link, useNavigate } from '@tanstack/react-router';
import { FileSearch, Search } from 'lucide-react';
import { Fragment, useRef, useState, type ReactNode } from 'react';
import { useHotkeys } from '../../../ui/hotkeys';
import { Button } from '../../../ui/Button';
import { CopyButton } from '../../../ui/CopyButton';
import { Input } from '../../../ui/fields/Input';
import { Kbd } from '../../../ui/Kbd';
import { codeHref } from '../codeAddress';
import { GoToFile } from './GoToFile';
import { RefPicker } from '../refs/RefPicker';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';

/** Which ref, which path, and the ways to another file. */
export function CodeBar({ refName, path, type, search, children }: { refName: string; path: string; type: 'tree' | 'blob' | 'commits'; search?: string; children?: ReactNode }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const [finding, setFinding] = useState(false);
  const bar = useRef<HTMLDivElement>(null);
  useHotkeys({
    t: { label: 'Go to a file', group: 'Code', run: () => setFinding(true) },
    w: { label: 'Choose a branch or tag', group: 'Code', run: () => bar.current?.querySelector<HTMLElement>('[data-ref-picker]')?.click() },
  });
  const steps = path === '' ? [] : path.split('/');
  return (
    <div ref={bar} className="flex flex-wrap items-center gap-2">
      <RefPicker value={refName} onChange={(ref) => void navigate({ href: codeHref({ org, repo, ref, path, type }) })} />
      {path !== '' && (
        <nav aria-label="Path" className="flex min-w-0 flex-wrap items-center gap-1 text-sm">
          <Link to={codeHref({ org, repo, ref: refName, path: '', type: type === 'commits' ? 'commits' : 'tree' })} className="font-medium text-accent hover:underline">{repo}</Link>
          {steps.map((step, index) => {
            const part = steps.slice(0, index + 1).join('/');
            const isLast = index === steps.length - 1;
            return (
              <Fragment key={part}>
                <span aria-hidden className="text-subtle">/</span>
                {isLast ? <span className="font-medium break-all">{shownPath(step)}</span> : <Link to={codeHref({ org, repo, ref: refName, path: part, type: type === 'commits' ? 'commits' : 'tree' })} className="text-accent hover:underline">{shownPath(step)}</Link>}
              </Fragment>
            );
          })}
          <CopyButton text={path} label="Copy the path" />
        </nav>
      )}
      <div className="ml-auto flex items-center gap-2">
        {children}
        <form
          role="search"
          className="hidden md:block"
          onSubmit={(event) => {
            event.preventDefault();
            const q = new FormData(event.currentTarget).get('q');
            if (typeof q === 'string' && q.trim().length > 1) void navigate({ to: '/o/$org/repositories/$repo/search', params: { org, repo }, search: { q: q.trim(), ref: refName } });
          }}
        >
          <Input data-filter name="q" key={search} defaultValue={search} aria-label="Search the code" placeholder="Search the code" icon={<Search />} className="w-44" />
        </form>
        <Button icon={<FileSearch />} onClick={() => setFinding(true)}>Go to file <Kbd>t</Kbd></Button>
      </div>
      {finding && <GoToFile refName={refName} onClose={() => setFinding(false)} />}
    </div>
  );
}
