import { useQueryClient } from '@tanstack/react-query';
import { CircleAlert, File as FileIcon, Trash2, Upload, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReleaseView } from '#shared/api/releases';
import { formatBytes } from '#shared/kind/table';
import { invalidate, useVerb } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { IconButton } from '../../ui/IconButton';
import { ProgressBar } from '../../ui/ProgressBar';
import { useFileDrop } from '../../ui/useFileDrop';
import { useRepository } from '../repositories/repositoryContext';
import { uploadAsset } from './uploadAsset';

interface Running {
  readonly name: string;
  readonly sizeBytes: number;
  readonly part: number;
  readonly error?: string;
  readonly cancel: () => void;
}

/** The files of a release, and more of them: each is sent as a stream, and is there when all of it is. */
export function ReleaseAssets({ release }: { release: ReleaseView }) {
  const { org, repo } = useRepository();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [running, setRunning] = useState<readonly Running[]>([]);
  const at = { org, repository: repo };
  const remove = useVerb('releases.deleteAsset', { invalidates: [['releases.get', at], ['releases.list', at]] });
  const change = (name: string, next: Partial<Running>) => setRunning((before) => before.map((each) => (each.name === name ? { ...each, ...next } : each)));
  const send = (files: FileList | null) => {
    for (const file of files ?? []) {
      const upload = uploadAsset({ org, repo, release: release.name }, file, (part) => change(file.name, { part }));
      setRunning((before) => [...before.filter(({ name }) => name !== file.name), { name: file.name, sizeBytes: file.size, part: 0, cancel: upload.cancel }]);
      upload.done.then(
        () => {
          setRunning((before) => before.filter(({ name }) => name !== file.name));
          void invalidate(queries, ['releases.get', at], ['releases.list', at]);
        },
        (error: unknown) => change(file.name, { error: error instanceof Error ? error.message : 'It failed.' }),
      );
    }
  };
  const drop = useFileDrop(send);
  return (
    <div
      className={`flex flex-col gap-2 rounded-lg border border-dashed p-3 ${drop.over ? 'border-accent bg-accent-soft' : ''}`}
      {...drop.handlers}
    >
      {release.assets.length > 0 && (
        <ul className="rounded-md border bg-surface">
          {release.assets.map((asset) => (
            <li key={asset.name} className="flex min-w-0 items-center gap-2 border-b px-2 py-1 last:border-b-0">
              <FileIcon aria-hidden className="size-4 shrink-0 text-subtle" />
              <span className="min-w-0 flex-1 truncate" title={asset.name}>{asset.name}</span>
              <span className="text-xs text-subtle">{formatBytes(asset.sizeBytes)}</span>
              <IconButton size="sm" label={`Remove ${asset.name}`} pending={remove.isPending && remove.variables.asset === asset.name} onClick={() => remove.mutate({ ...at, release: release.name, asset: asset.name })}><Trash2 /></IconButton>
            </li>
          ))}
        </ul>
      )}
      {running.map((each) => (
        <div key={each.name} className="flex items-center gap-2 px-2">
          {each.error !== undefined && <CircleAlert aria-hidden className="size-4 shrink-0 text-danger" />}
          <div className="min-w-0 flex-1">
            <p className="truncate">{each.name} <span className="text-xs text-subtle">{formatBytes(each.sizeBytes)}</span></p>
            {each.error === undefined ? <ProgressBar percent={each.part * 100} label={`Uploading ${each.name}`} /> : <p role="alert" className="text-xs text-danger">{each.error}</p>}
          </div>
          <IconButton size="sm" label={each.error === undefined ? `Cancel ${each.name}` : `Forget ${each.name}`} onClick={() => (each.error === undefined ? each.cancel() : setRunning(running.filter(({ name }) => name !== each.name)))}><X /></IconButton>
        </div>
      ))}
      <div className="flex items-center gap-2 text-muted">
        <Button size="sm" icon={<Upload />} onClick={() => input.current?.click()}>Add files</Button>
        or drop them here
        <input ref={input} type="file" multiple hidden aria-label="Files of the release" onChange={(event) => send(event.target.files)} />
      </div>
    </div>
  );
}
