import { clsx } from 'clsx';
import { memo, useId, useState } from 'react';
import type { DiffFile } from '#shared/api/git';
import { formatBytes } from '#shared/kind/table';
import { Skeleton } from '../../ui/Skeleton';
import { useDiffActions } from '../diffContext';
import { imageType } from '../model/imageFile';
import { useBlobImage, type BlobImage } from '../files/useBlobBytes';

type Look = 'side-by-side' | 'swipe' | 'onion-skin';

const LOOKS: readonly { value: Look; label: string }[] = [
  { value: 'side-by-side', label: 'Side by side' },
  { value: 'swipe', label: 'Swipe' },
  { value: 'onion-skin', label: 'Onion skin' },
];

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Two versions of a picture: beside each other, one over the other with a line to move between, or one shining through the other. */
export const DiffImageRow = memo(function DiffImageRow({ file }: { file: DiffFile }) {
  const { blobUrl } = useDiffActions();
  const [look, setLook] = useState<Look>('side-by-side');
  const [share, setShare] = useState(50);
  const [sizes, setSizes] = useState<{ old?: Size; new?: Size }>({});
  const slider = useId();
  const old = useBlobImage(file.oldSha === undefined ? undefined : blobUrl?.(file.oldSha), imageType(file.oldPath ?? file.path) ?? '');
  const next = useBlobImage(file.newSha === undefined ? undefined : blobUrl?.(file.newSha), imageType(file.path) ?? '');
  const isPair = file.oldSha !== undefined && file.newSha !== undefined;
  const measure = (side: 'old' | 'new') => (size: Size) => setSizes((before) => ({ ...before, [side]: size }));
  return (
    <div className="flex flex-col gap-2 border-x bg-surface px-3 py-3">
      {isPair && (
        <div role="group" aria-label={`How ${file.path} is compared`} className="flex self-center rounded-md border bg-surface p-0.5">
          {LOOKS.map(({ value, label }) => (
            <button key={value} type="button" aria-pressed={look === value} className={clsx('h-6 rounded-sm px-2 text-xs', look === value ? 'bg-selected font-medium text-fg' : 'text-muted hover:text-fg')} onClick={() => setLook(value)}>{label}</button>
          ))}
        </div>
      )}
      {look === 'side-by-side' || !isPair ? (
        <div className="flex flex-wrap items-start justify-center gap-4">
          {file.oldSha !== undefined && <Version words="Before" tone="text-danger" image={old.data} error={old.error} size={sizes.old} onSize={measure('old')} />}
          {file.newSha !== undefined && <Version words={isPair ? 'After' : 'Added'} tone="text-success" image={next.data} error={next.error} size={sizes.new} onSize={measure('new')} />}
        </div>
      ) : (
        <div className="flex flex-col items-center gap-2">
          <div className={clsx('relative grid max-w-full place-items-start overflow-hidden border', CHECKS)}>
            <Picture className="col-start-1 row-start-1" image={old.data} error={old.error} alt="Before" onSize={measure('old')} />
            <div
              className="col-start-1 row-start-1 size-full"
              style={look === 'swipe' ? { clipPath: `inset(0 0 0 ${share}%)` } : { opacity: share / 100 }}
            >
              <div className={look === 'swipe' ? clsx('size-full', CHECKS) : ''}><Picture image={next.data} error={next.error} alt="After" onSize={measure('new')} /></div>
            </div>
            {look === 'swipe' && <div aria-hidden className="pointer-events-none absolute inset-y-0 w-px bg-accent-strong" style={{ left: `${share}%` }} />}
          </div>
          <label htmlFor={slider} className="flex w-full max-w-96 items-center gap-2 text-xs text-muted">
            Before
            <input id={slider} type="range" min={0} max={100} value={share} aria-label={look === 'swipe' ? 'Where the new version begins' : 'How much of the new version shows'} className="min-w-0 flex-1 accent-accent-strong" onChange={(event) => setShare(Number(event.target.value))} />
            After
          </label>
          <p className="text-xs text-subtle"><Facts image={old.data} size={sizes.old} /> → <Facts image={next.data} size={sizes.new} /></p>
        </div>
      )}
    </div>
  );
});

interface VersionProps {
  words: string;
  tone: string;
  image: BlobImage | undefined;
  error: Error | null;
  size: Size | undefined;
  onSize: (size: Size) => void;
}

function Version({ words, tone, image, error, size, onSize }: VersionProps) {
  return (
    <figure className="flex min-w-0 flex-col items-center gap-1">
      <figcaption className={clsx('text-xs font-medium', tone)}>{words}</figcaption>
      <div className={clsx('min-w-0 border', CHECKS)}><Picture image={image} error={error} alt={words} onSize={onSize} /></div>
      <p className="text-xs text-subtle"><Facts image={image} size={size} /></p>
    </figure>
  );
}

/** Keeps room for itself while it loads, so that what is below stays where it is. */
function Picture({ image, error, alt, className, onSize }: { image: BlobImage | undefined; error: Error | null; alt: string; className?: string; onSize: (size: Size) => void }) {
  const [broken, setBroken] = useState(false);
  if (error !== null || broken) return <p role="alert" className={clsx('bg-surface px-4 py-8 text-sm text-danger', className)}>{error?.message ?? 'This is not a picture that can be shown.'}</p>;
  if (image === undefined) return <Skeleton className={clsx('h-48 w-64', className)} />;
  return (
    <img
      src={image.src}
      alt={alt}
      className={clsx('max-h-[60vh] max-w-full object-contain', className)}
      onLoad={({ currentTarget }) => onSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })}
      onError={() => setBroken(true)}
    />
  );
}

function Facts({ image, size }: { image: BlobImage | undefined; size: Size | undefined }) {
  if (image === undefined) return <>…</>;
  return <>{size !== undefined && size.width > 0 && `${size.width} × ${size.height} px · `}{formatBytes(image.sizeBytes)}</>;
}

/** Behind pictures that are clear in places. */
const CHECKS = '[background:repeating-conic-gradient(var(--k-sunken)_0%_25%,var(--k-surface)_0%_50%)_0_0/16px_16px]';
