import { useLocation, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { errorMessage } from '../api/errors';
import { Button } from '../ui/Button';
import { Spinner } from '../ui/Spinner';
import { estimateRowHeight } from './rowHeight';
import { useSearchHighlight } from './searchHighlight';
import { TranscriptContext, type TranscriptContextValue } from './transcriptContext';
import { TranscriptItem } from './TranscriptItem';
import { parseEventHash, rowOfSeq, TranscriptRows } from './transcriptRows';
import { searchItems } from './transcriptSearch';
import { TranscriptToolbar } from './TranscriptToolbar';
import { useFollowEnd } from './useFollowEnd';
import { usePrependAnchor } from './usePrependAnchor';
import type { RunTranscript } from './useRunTranscript';

export interface TranscriptViewProps extends Omit<TranscriptContextValue, 'query'> {
  transcript: RunTranscript;
  /** The run may still say something. */
  live: boolean;
  /** Shown when there is no event yet. */
  empty: ReactNode;
  /** What the run is doing now, under the transcript. */
  activity?: ReactNode;
}

/** Earlier events are fetched when the reader is this near to the first ones, in px. */
const NEAR_START = 600;

/** A run's transcript. Fills its parent; follows the end while the reader is there, and stays put when not. */
export function TranscriptView({ transcript, live, empty, activity, folder, renderPermission, fileLink, artifactHref, resolveUrl }: TranscriptViewProps) {
  const { window: events, loadEarlier, loadUntil, setFollowing } = transcript;
  const { items, lastSeq } = events.view;
  const scrollRef = useRef<HTMLDivElement>(null);
  const [maker] = useState(() => new TranscriptRows());
  const rows = useMemo(() => maker.of(items), [maker, items]);
  const [query, setQuery] = useState('');
  const [match, setMatch] = useState(0);
  const matches = useMemo(() => searchItems(items, query), [items, query]);
  const [target, setTarget] = useEventTarget();
  const [atEnd, setAtEnd] = useState(true);
  const [seenSeq, setSeenSeq] = useState(0);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: (index) => {
      const row = rows[index];
      return row === undefined ? 0 : estimateRowHeight(row);
    },
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    // Rows are drawn with the frame that they scroll into, not before it: under a flood of events that is what keeps frames short.
    useFlushSync: false,
    paddingStart: 8,
    paddingEnd: 24,
    // What is being read stays where it is while pages arrive in front of it.
    anchorTo: 'end',
  });

  const firstSeq = events.events[0]?.seq;
  usePrependAnchor(virtual, rows, firstSeq);
  const follow = useFollowEnd(scrollRef, {
    onChange: (following) => {
      setAtEnd(following);
      setFollowing(following);
    },
  });
  useEffect(() => {
    // Too little to scroll: nobody could ask for what is before it.
    const element = scrollRef.current;
    if (events.hasEarlier && element !== null && element.scrollHeight <= element.clientHeight + NEAR_START) void loadEarlier();
  }, [events.hasEarlier, firstSeq, loadEarlier]);
  const onScroll = () => {
    follow.onScroll();
    if ((scrollRef.current?.scrollTop ?? 0) < NEAR_START) void loadEarlier();
  };
  if (atEnd && seenSeq !== lastSeq) setSeenSeq(lastSeq);
  const unseen = atEnd || seenSeq === 0 ? 0 : Math.max(0, lastSeq - seenSeq);

  // The page opens at the event that the URL names, else at the end of a live run and at the start of what is there otherwise.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current || rows.length === 0) return;
    opened.current = true;
    if (target === undefined) follow.toEnd();
    else follow.leave();
  }, [rows.length, target, follow]);
  const reached = useRef<number>(undefined);
  useEffect(() => {
    if (target === undefined || reached.current === target || rows.length === 0) return;
    const index = rowOfSeq(rows, target);
    if (index === -1 && events.hasEarlier) {
      void loadUntil(target);
      return;
    }
    reached.current = target;
    follow.leave();
    virtual.scrollToIndex(Math.max(0, index), { align: 'start' });
  }, [target, rows, events.hasEarlier, loadUntil, virtual, follow]);

  const goToMatch = (next: number) => {
    if (matches.length === 0) return;
    const wrapped = (next + matches.length) % matches.length;
    setMatch(wrapped);
    const row = rows.findIndex((each) => each.index === matches[wrapped]);
    if (row === -1) return;
    follow.leave();
    virtual.scrollToIndex(row, { align: 'center' });
  };
  useSearchHighlight(scrollRef, query);

  const context = useMemo(
    () => ({ folder, renderPermission, query: query.trim(), ...(fileLink === undefined ? {} : { fileLink }), ...(artifactHref === undefined ? {} : { artifactHref }), ...(resolveUrl === undefined ? {} : { resolveUrl }) }),
    [folder, renderPermission, query, fileLink, artifactHref, resolveUrl],
  );
  const targetIndex = target === undefined ? undefined : rows[rowOfSeq(rows, target)]?.index;
  const highlighted = query.trim() === '' ? targetIndex : matches[match];

  return (
    <TranscriptContext value={context}>
      <div className="flex h-full min-h-0 flex-col">
        <h2 className="sr-only">Transcript</h2>
        <TranscriptToolbar
          query={query}
          onQuery={(next) => {
            setQuery(next);
            setMatch(0);
          }}
          match={match}
          matches={matches.length}
          onMatch={goToMatch}
          eventCount={lastSeq}
          hasEarlier={events.hasEarlier}
        />
        <div className="relative min-h-0 flex-1">
          <div ref={scrollRef} onScroll={onScroll} {...follow.intent} tabIndex={0} role="log" aria-label="Transcript" aria-live="off" className="h-full overflow-auto overflow-x-hidden overscroll-contain focus-visible:-outline-offset-2">
            {rows.length === 0 && transcript.state === 'ready' && empty}
            <div className="relative" style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map((item) => {
                const row = rows[item.index];
                return row === undefined ? null : (
                  <div key={item.key} ref={virtual.measureElement} data-index={item.index} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${item.start}px)` }}>
                    <TranscriptItem row={row} highlighted={row.index === highlighted} onLink={setTarget} />
                  </div>
                );
              })}
            </div>
          </div>
          <EarlierState transcript={transcript} />
          {!atEnd && (
            <Button variant={live || unseen > 0 ? 'primary' : 'secondary'} size="sm" icon={<ArrowDown />} className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full! shadow-high" onClick={follow.toEnd}>
              {live ? 'Jump to live' : 'To the end'}
              {unseen > 0 && <span className="rounded-full bg-on-accent/20 px-1.5">{unseen.toLocaleString('en')} new</span>}
            </Button>
          )}
        </div>
        {activity}
      </div>
    </TranscriptContext>
  );
}

/** Says over the first rows that earlier ones are on their way, or why they are not. */
function EarlierState({ transcript }: { transcript: RunTranscript }) {
  const failed = transcript.error !== undefined && transcript.state === 'ready';
  if (!transcript.isLoadingEarlier && !failed) return null;
  return (
    <div className="absolute top-2 left-1/2 flex -translate-x-1/2 items-center gap-2 rounded-full border bg-raised px-3 py-1 text-xs text-muted shadow-high">
      {transcript.isLoadingEarlier ? (
        <><Spinner /> Loading earlier events…</>
      ) : (
        <>
          <span role="alert" className="text-danger">{errorMessage(transcript.error)}</span>
          <Button size="sm" onClick={() => void transcript.loadEarlier()}>Try again</Button>
        </>
      )}
    </div>
  );
}

/** The event that the URL names, and how to name one (which also copies the link). */
function useEventTarget(): [number | undefined, (seq: number) => void] {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const select = useCallback(
    (seq: number) => {
      void navigate({ to: '.', search: true, hash: `e${seq}`, replace: true, resetScroll: false, hashScrollIntoView: false }).then(() => navigator.clipboard.writeText(window.location.href));
    },
    [navigate],
  );
  return [parseEventHash(hash), select];
}
