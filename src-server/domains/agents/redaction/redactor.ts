import { valueForms } from './valueForms';

/** What stands where a value stood. */
export const REDACTED = '***';

/** Takes values out of what is shown or kept. */
export interface Redactor {
  /** Nothing to look for. */
  readonly isEmpty: boolean;
  text(text: string): string;
  /** Every string in JSON data, names of fields among them. Data without a value comes back as it is. */
  data<T>(data: T): T;
  /** For text that comes in pieces: a value may begin in one and end in another. */
  stream(): RedactionStream;
  /** As {@link stream}, for bytes that need be no text; as latin1. */
  byteStream(): RedactionStream;
}

export interface RedactionStream {
  /** What of the text so far may go out. An end that may be the beginning of a value is held back. */
  push(text: string): string;
  /** What was held back: nothing follows. */
  end(): string;
  /** How often a value was found. */
  readonly found: number;
}

/** A redactor of these values, in every form that they are likely to appear in. */
export function createRedactor(values: Iterable<Buffer>): Redactor {
  const forms = longestFirst([...values].flatMap(valueForms));
  const redactor: Redactor = {
    isEmpty: forms.length === 0,
    text: (text) => replaceForms(text, forms).text,
    data: <T>(data: T): T => (forms.length === 0 ? data : (redactData(data, forms) as T)),
    stream: () => new FormStream(forms),
    byteStream: () => new FormStream(longestFirst(forms.map((form) => Buffer.from(form).toString('latin1')))),
  };
  return redactor;
}

function longestFirst(forms: readonly string[]): string[] {
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

class FormStream implements RedactionStream {
  readonly #forms: readonly string[];
  readonly #longest: number;
  readonly #starts: ReadonlySet<string>;
  #held = '';
  found = 0;

  constructor(forms: readonly string[]) {
    this.#forms = forms;
    this.#longest = forms[0]?.length ?? 0;
    this.#starts = new Set(forms.map((form) => form.charAt(0)));
  }

  push(text: string): string {
    if (this.#longest === 0) return text;
    const whole = this.#held + text;
    const from = this.#mayBegin(whole);
    // A shorter form may be whole already where a longer one has only begun: both are held back until it is clear which it is.
    const safe = replaceForms(whole.slice(0, from), this.#forms);
    this.found += safe.found;
    this.#held = whole.slice(from);
    return safe.text;
  }

  end(): string {
    const rest = replaceForms(this.#held, this.#forms);
    this.found += rest.found;
    this.#held = '';
    return rest.text;
  }

  /** Where the first form begins that the text does not finish, and with it what must wait; the length of the text when there is none. */
  #mayBegin(text: string): number {
    for (let from = Math.max(0, text.length - this.#longest + 1); from < text.length; from += 1) {
      if (!this.#starts.has(text.charAt(from))) continue;
      const tail = text.slice(from);
      if (this.#forms.some((form) => form.length > tail.length && form.startsWith(tail))) return this.#startOfOverlap(text, from);
    }
    return text.length;
  }

  /** A whole form that reaches over the place would be cut in two. */
  #startOfOverlap(text: string, at: number): number {
    let start = at;
    for (const form of this.#forms) {
      const index = text.lastIndexOf(form, at - 1);
      if (index !== -1 && index + form.length > at) start = Math.min(start, index);
    }
    return start;
  }
}

function replaceForms(text: string, forms: readonly string[]): { text: string; found: number } {
  let result = text;
  let found = 0;
  for (const form of forms) {
    if (!result.includes(form)) continue;
    const parts = result.split(form);
    found += parts.length - 1;
    result = parts.join(REDACTED);
  }
  return { text: result, found };
}

function redactData(data: unknown, forms: readonly string[]): unknown {
  if (typeof data === 'string') return replaceForms(data, forms).text;
  if (Array.isArray(data)) {
    const items = data.map((each) => redactData(each, forms));
    return items.some((item, index) => item !== data[index]) ? items : data;
  }
  if (typeof data !== 'object' || data === null) return data;
  let changed = false;
  const entries = Object.entries(data).map(([key, value]) => {
    const entry = [replaceForms(key, forms).text, redactData(value, forms)] as const;
    changed ||= entry[0] !== key || entry[1] !== value;
    return entry;
  });
  return changed ? Object.fromEntries(entries) : data;
}
