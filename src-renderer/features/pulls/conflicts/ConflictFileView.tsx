import { clsx } from 'clsx';
import { Check, PenLine } from 'lucide-react';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import type { ConflictFile } from '#shared/api/pullViews';
import { formatBytes } from '#shared/kind/table';
import { Button } from '../../../ui/Button';
import { useHotkeys } from '../../../ui/hotkeys';
import { Skeleton } from '../../../ui/Skeleton';
import { isDecided, textOf, type FileChoice } from './conflictChoices';
import { chosenLines, conflictParts, type BlockChoice, type ConflictPart } from './conflictText';

export interface ConflictFileViewProps {
  file: ConflictFile;
  choice: FileChoice;
  /** What the sides are called. */
  branches: { ours: string; theirs: string };
  onChange: (choice: FileChoice) => void;
  /** To the next file that is open. */
  onNext: () => void;
}

/** Lines of unchanged text that are shown around a block. */
const SHOWN_TEXT = 6;

/** One conflicting file: block by block, by hand, or one side as a whole. */
export function ConflictFileView({ file, choice, branches, onChange, onNext }: ConflictFileViewProps) {
  const [editing, setEditing] = useState(choice.text !== undefined);
  const root = useRef<HTMLElement>(null);
  const [at, setAt] = useState(0);
  const parts = useMemo(() => conflictParts(file.merged ?? ''), [file.merged]);
  const canEdit = file.ways.includes('edit') && file.merged !== undefined;
  const blocks = parts.filter((part) => part.type === 'conflict').length;
  const showBlock = (next: number) => {
    const to = Math.min(blocks - 1, Math.max(0, next));
    setAt(to);
    root.current?.querySelector<HTMLElement>(`[data-block="${to}"]`)?.focus();
  };
  const choose = (block: number, how: BlockChoice) => {
    onChange({ ...choice, whole: undefined, text: undefined, blocks: new Map([...choice.blocks, [block, how]]) });
    if (block < blocks - 1) showBlock(block + 1);
  };
  const byKey = canEdit && !editing;
  useHotkeys({
    n: { label: 'Next conflict', group: 'Conflicts', when: () => byKey, run: () => showBlock(at + 1) },
    p: { label: 'Previous conflict', group: 'Conflicts', when: () => byKey, run: () => showBlock(at - 1) },
    1: { label: `Take what ${branches.ours} has`, group: 'Conflicts', when: () => byKey, run: () => choose(at, 'ours') },
    2: { label: `Take what ${branches.theirs} has`, group: 'Conflicts', when: () => byKey, run: () => choose(at, 'theirs') },
    3: { label: 'Take both', group: 'Conflicts', when: () => byKey, run: () => choose(at, 'both') },
    o: { label: 'Next file that is open', group: 'Conflicts', run: onNext },
  });
  const startEditing = () => {
    onChange({ ...choice, whole: undefined, text: textOf(file, { ...choice, whole: undefined }) });
    setEditing(true);
  };
  const stopEditing = () => {
    onChange({ ...choice, text: undefined });
    setEditing(false);
  };
  return (
    <section ref={root} aria-label={file.path} className="min-w-0 rounded-md border bg-surface">
      <header className="flex flex-wrap items-center gap-2 border-b bg-raised px-3 py-2">
        <h3 className="min-w-0 flex-1 basis-48 font-mono text-xs font-semibold wrap-anywhere">{file.path}</h3>
        {file.ways.includes('ours') && <Whole label={file.ours === undefined ? `Remove it, as ${branches.ours}` : `Take the file of ${branches.ours}`} pressed={choice.whole === 'ours'} onPress={() => onChange({ ...choice, whole: choice.whole === 'ours' ? undefined : 'ours' })} />}
        {file.ways.includes('theirs') && <Whole label={file.theirs === undefined ? `Remove it, as ${branches.theirs}` : `Take the file of ${branches.theirs}`} pressed={choice.whole === 'theirs'} onPress={() => onChange({ ...choice, whole: choice.whole === 'theirs' ? undefined : 'theirs' })} />}
        {file.ways.includes('delete') && <Whole label="Remove the file" pressed={choice.whole === 'delete'} onPress={() => onChange({ ...choice, whole: choice.whole === 'delete' ? undefined : 'delete' })} />}
        {canEdit && <Button size="sm" icon={<PenLine />} aria-pressed={editing} onClick={editing ? stopEditing : startEditing}>{editing ? 'Back to the blocks' : 'Edit by hand'}</Button>}
      </header>
      <p className="border-b px-3 py-1.5 text-xs text-muted">{file.message}</p>
      {choice.whole !== undefined ? (
        <p className="px-3 py-6 text-center text-muted">{choice.whole === 'delete' ? 'The file will be removed.' : `The file will be as it is in ${branches[choice.whole]}.`}</p>
      ) : editing && choice.text !== undefined ? (
        <div className="flex h-[60vh] flex-col">
          <Suspense fallback={<Skeleton className="h-full" />}>
            <CodeEditor language="text" label={`The resolved text of ${file.path}`} value={choice.text} onChange={(text) => onChange({ ...choice, text })} />
          </Suspense>
          {!isDecided(file, choice) && <p role="status" className="border-t px-3 py-1.5 text-xs text-warning">There are conflict markers left.</p>}
        </div>
      ) : file.merged === undefined ? (
        <Sides file={file} branches={branches} />
      ) : (
        <Blocks parts={parts} choice={choice} branches={branches} at={at} onAt={setAt} onChoose={choose} />
      )}
    </section>
  );
}

const CodeEditor = lazy(() => import('../../../resource/CodeEditor').then((module) => ({ default: module.CodeEditor })));

function Whole({ label, pressed, onPress }: { label: string; pressed: boolean; onPress: () => void }) {
  return <Button size="sm" aria-pressed={pressed} {...(pressed ? { icon: <Check /> } : {})} className={pressed ? 'border-accent!' : ''} onClick={onPress}><span className="max-w-48 truncate">{label}</span></Button>;
}

/** What is known of a file that has no text to merge. */
function Sides({ file, branches }: { file: ConflictFile; branches: { ours: string; theirs: string } }) {
  const side = (name: string, version: ConflictFile['ours']) => (
    <div className="min-w-0 flex-1 basis-48 rounded-md border px-3 py-2">
      <p className="truncate text-xs font-medium">{name}</p>
      <p className="text-muted">{version === undefined ? 'removed it' : `${version.path === file.path ? '' : `${version.path}, `}${version.sizeBytes === undefined ? version.sha.slice(0, 10) : formatBytes(version.sizeBytes)}`}</p>
    </div>
  );
  return <div className="flex flex-wrap gap-3 p-3">{side(branches.ours, file.ours)}{side(branches.theirs, file.theirs)}</div>;
}

interface BlocksProps {
  parts: readonly ConflictPart[];
  choice: FileChoice;
  branches: { ours: string; theirs: string };
  at: number;
  onAt: (block: number) => void;
  onChoose: (block: number, how: BlockChoice) => void;
}

function Blocks({ parts, choice, branches, at, onAt, onChoose }: BlocksProps) {
  return (
    <div className="font-mono text-xs leading-5">
      {parts.map((part, index) => {
        if (part.type === 'text') return <Unchanged key={index} lines={part.lines} isFirst={index === 0} isLast={index === parts.length - 1} />;
        const number = parts.slice(0, index).filter((each) => each.type === 'conflict').length;
        const chosen = choice.blocks.get(number);
        return (
          <div key={index} data-block={number} tabIndex={-1} role="group" aria-label={`Conflict ${number + 1}`} className={clsx('my-1 border-y -outline-offset-2', number === at && 'shadow-[inset_3px_0_0_var(--k-accent)]')} onFocus={() => onAt(number)}>
            <div className="flex flex-wrap items-center gap-1.5 bg-raised px-3 py-1 font-sans">
              <span className="mr-auto text-xs text-muted">Conflict {number + 1}</span>
              <Choice label={branches.ours} how="ours" chosen={chosen} onChoose={(how) => onChoose(number, how)} />
              <Choice label={branches.theirs} how="theirs" chosen={chosen} onChoose={(how) => onChoose(number, how)} />
              <Choice label="Both" how="both" chosen={chosen} onChoose={(how) => onChoose(number, how)} />
              <Choice label="Both, the other way round" how="both-theirs-first" chosen={chosen} onChoose={(how) => onChoose(number, how)} />
            </div>
            {chosen === undefined ? (
              <>
                <Side name={branches.ours} lines={part.ours} ground="bg-diff-add" />
                <Side name={branches.theirs} lines={part.theirs} ground="bg-info-soft" />
              </>
            ) : (
              <Side name="Will be" lines={chosenLines(part, chosen)} ground="bg-success-soft/60" />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Choice({ label, how, chosen, onChoose }: { label: string; how: BlockChoice; chosen: BlockChoice | undefined; onChoose: (how: BlockChoice) => void }) {
  return (
    <button type="button" aria-pressed={chosen === how} className={clsx('h-6 max-w-48 truncate rounded-md border px-2 text-xs', chosen === how ? 'border-accent bg-accent-soft font-medium text-accent' : 'bg-surface text-muted hover:bg-hover hover:text-fg')} onClick={() => onChoose(how)}>
      {label}
    </button>
  );
}

function Side({ name, lines, ground }: { name: string; lines: readonly string[]; ground: string }) {
  return (
    <div className={ground}>
      <p className="px-3 pt-1 font-sans text-2xs text-subtle">{name}</p>
      {lines.length === 0 ? <p className="px-3 pb-1 font-sans text-muted italic">nothing</p> : <pre tabIndex={0} className="overflow-x-auto px-3 pb-1 [tab-size:4]">{lines.join('\n')}{'\n'}</pre>}
    </div>
  );
}

/** What both sides have: near a block as it is, the rest folded. */
function Unchanged({ lines, isFirst, isLast }: { lines: readonly string[]; isFirst: boolean; isLast: boolean }) {
  const [open, setOpen] = useState(false);
  const head = isFirst ? 0 : SHOWN_TEXT;
  const tail = isLast ? 0 : SHOWN_TEXT;
  const hidden = lines.length - head - tail;
  if (open || hidden <= 2) return <Text lines={lines} />;
  return (
    <>
      <Text lines={lines.slice(0, head)} />
      <button type="button" className="block w-full border-y bg-accent-soft/50 px-3 py-0.5 text-left font-sans text-2xs text-muted hover:text-accent" onClick={() => setOpen(true)}>Show {hidden.toLocaleString('en')} unchanged lines</button>
      <Text lines={lines.slice(lines.length - tail)} />
    </>
  );
}

function Text({ lines }: { lines: readonly string[] }) {
  return lines.length === 0 ? null : <pre tabIndex={0} className="overflow-x-auto px-3 text-muted [tab-size:4]">{lines.join('\n')}{'\n'}</pre>;
}
