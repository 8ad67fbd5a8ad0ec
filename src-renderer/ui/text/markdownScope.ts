import { createContext } from 'react';

/** What a word of a text stands for: somebody (`@ada`), or something by its number (`#12`). */
export interface TextReference {
  readonly type: 'person' | 'number';
  /** Without the sign in front. */
  readonly name: string;
}

export interface ReferenceOption {
  /** What is written: `@ada`, `#12`. */
  readonly text: string;
  readonly description?: string;
}

/** What Markdown on a page refers to. A page that knows its people and numbers provides one for all texts and editors in it. */
export interface MarkdownScope {
  /** Where a reference leads; undefined leaves it as words. */
  readonly linkOf?: (reference: TextReference) => string | undefined;
  /** What may be meant by the beginning of a reference, the likeliest first. */
  readonly complete?: (reference: TextReference, signal: AbortSignal) => Promise<readonly ReferenceOption[]>;
}

export const MarkdownScopeContext = createContext<MarkdownScope>({});
