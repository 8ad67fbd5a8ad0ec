/** How far something is that takes a while; shown, never stored. */
export interface Progress {
  /** In the plural: `objects`, `blobs`, `bytes`. */
  readonly what: string;
  readonly done: number;
  /** Absent when it is not known beforehand. */
  readonly total?: number;
}

export type ReportProgress = (progress: Progress) => void;
