import { createContext, useContext, type ReactNode } from 'react';
import type { RunPermissionItem } from '#shared/runs/runView';

/** What the page around a transcript lends to its items. */
export interface TranscriptContextValue {
  /** Folder that the agent works in: paths inside it are shown without it. */
  readonly folder: string | undefined;
  /** Draws a permission request, with its buttons while it is open. */
  readonly renderPermission: (item: RunPermissionItem) => ReactNode;
  /** A link to where a file is shown; absent: paths are plain text. */
  readonly fileLink?: (at: { path: string; line?: number; children: ReactNode }) => ReactNode;
  /** A link to an artifact's content. */
  readonly artifactHref?: (name: string) => string;
  /** Makes an address of a relative link that an agent wrote: those are relative to its folder. */
  readonly resolveUrl?: (url: string) => string;
  /** Text that is looked for: what hides a match is opened. */
  readonly query: string;
}

export const TranscriptContext = createContext<TranscriptContextValue | undefined>(undefined);

export function useTranscriptContext(): TranscriptContextValue {
  const value = useContext(TranscriptContext);
  if (value === undefined) throw new Error('A transcript item is shown outside a TranscriptView.');
  return value;
}
