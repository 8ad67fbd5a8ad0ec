import { useNavigate, useParams } from '@tanstack/react-router';
import { File, Upload, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { formatBytes } from '#shared/kind/table';
import { useRpc } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { IconButton } from '../../../ui/IconButton';
import { Card, PageBody } from '../../../ui/PageHeader';
import { useFileDrop } from '../../../ui/useFileDrop';
import { useTitle } from '../../../ui/useTitle';
import { codeHref } from '../codeAddress';
import { CommitBox } from './CommitBox';
import { useRepository } from '../repositoryContext';
import { useMayEdit } from './useMayEdit';

/** What one request can carry, base64 included. Larger files are for git. */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_FILES = 100;

/** Adds files from this computer to a folder, by a commit. */
export function UploadFilesPage() {
  const { org, repo, object } = useRepository();
  const { ref = '', _splat: folder = '' } = useParams({ strict: false });
  const navigate = useNavigate();
  const edit = useMayEdit(ref);
  const input = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  useTitle('Upload files', repo);
  const tree = useRpc('repositories.tree', { org, repository: repo, ref, limit: 1 }, { enabled: object.status?.empty !== true, staleTime: Infinity });
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const add = (chosen: FileList | null) => setFiles((before) => [...before.filter((file) => ![...(chosen ?? [])].some((each) => each.name === file.name)), ...(chosen ?? [])].slice(0, MAX_FILES));
  const drop = useFileDrop(add);
  const missing = edit.refusal ?? (files.length === 0 ? 'Choose files.' : total > MAX_BYTES ? `Together they are larger than ${formatBytes(MAX_BYTES)}; push them with git.` : undefined);
  return (
    <PageBody>
      <div className="grid max-w-5xl grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-3">
          <div
            className={`flex flex-col items-center gap-3 rounded-lg border border-dashed px-4 py-12 text-center ${drop.over ? 'border-accent bg-accent-soft' : 'bg-surface'}`}
            {...drop.handlers}
          >
            <Upload aria-hidden className="size-6 text-subtle" />
            <p className="text-muted">Drop files here, for {folder === '' ? 'the root' : <code>{folder}</code>} of {ref}.</p>
            <Button onClick={() => input.current?.click()}>Choose files</Button>
            <input ref={input} type="file" multiple hidden aria-label="Files to upload" onChange={(event) => add(event.target.files)} />
          </div>
          {files.length > 0 && (
            <ul className="rounded-lg border bg-surface">
              {files.map((file) => (
                <li key={file.name} className="flex items-center gap-2 border-b px-3 py-1.5 last:border-b-0">
                  <File aria-hidden className="size-4 shrink-0 text-subtle" />
                  <span className="min-w-0 flex-1 truncate">{file.name}</span>
                  <span className="text-xs text-subtle">{formatBytes(file.size)}</span>
                  <IconButton size="sm" label={`Leave out ${file.name}`} onClick={() => setFiles(files.filter((each) => each !== file))}><X /></IconButton>
                </li>
              ))}
            </ul>
          )}
        </div>
        <Card title="Commit the files">
          <CommitBox
            branch={ref}
            headSha={tree.data?.commit.sha}
            suggestion={files.length === 1 ? `Add ${files[0]?.name ?? 'a file'}` : 'Add files'}
            changes={() => Promise.all(files.map(async (file) => ({ path: folder === '' ? file.name : `${folder}/${file.name}`, content: await base64Of(file), encoding: 'base64' as const })))}
            missing={missing}
            onDone={(branch) => void navigate({ href: codeHref({ org, repo, ref: branch, path: folder, type: 'tree' }) })}
            onCancel={() => void navigate({ href: codeHref({ org, repo, ref, path: folder, type: 'tree' }) })}
          />
        </Card>
      </div>
    </PageBody>
  );
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result.slice(reader.result.indexOf(',') + 1) : ''));
    reader.addEventListener('error', () => reject(reader.error ?? new Error(`${file.name} cannot be read`)));
    reader.readAsDataURL(file);
  });
}
