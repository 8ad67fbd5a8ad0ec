import type { BlobView } from '#shared/api/git';

export type BlobKind = 'lfs' | 'link' | 'image' | 'svg' | 'pdf' | 'audio' | 'video' | 'binary' | 'large' | 'empty' | 'markdown' | 'table' | 'text';

/** How a file is best looked at. */
export function blobKind(file: BlobView): BlobKind {
  const extension = file.path.slice(file.path.lastIndexOf('.') + 1).toLowerCase();
  if (file.lfs?.stored === false) return 'lfs';
  if (file.mode === '120000') return 'link';
  if (/^(png|jpe?g|gif|webp|avif|bmp|ico)$/.test(extension)) return 'image';
  if (extension === 'pdf') return 'pdf';
  if (/^(mp3|ogg|wav)$/.test(extension)) return 'audio';
  if (/^(mp4|webm)$/.test(extension)) return 'video';
  if (extension === 'svg') return 'svg';
  if (file.lfs !== undefined) return 'lfs';
  if (file.text === undefined) return file.binary ? 'binary' : 'large';
  if (file.text === '') return 'empty';
  if (/^(md|markdown|mdown)$/.test(extension)) return 'markdown';
  return /^(csv|tsv)$/.test(extension) ? 'table' : 'text';
}

/** Ways to look at it: the first is shown unless another is chosen. */
export function viewsOf(file: BlobView): readonly ('rendered' | 'code' | 'blame')[] {
  const kind = blobKind(file);
  const code = file.text === undefined || file.text === '' ? [] : (['code', 'blame'] as const);
  return kind === 'markdown' || kind === 'table' || kind === 'svg' ? ['rendered', ...code] : kind === 'text' || kind === 'lfs' || kind === 'link' ? (kind === 'text' ? code : ['rendered', ...code]) : ['rendered'];
}
