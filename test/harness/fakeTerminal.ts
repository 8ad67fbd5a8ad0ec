import { PassThrough } from 'node:stream';
import { createStyle, type Terminal } from '../../src-server/cli/terminal';

/** A terminal that keeps what is written and reads what the test types. */
export interface FakeTerminal extends Terminal {
  stdout(): string;
  stderr(): string;
  /** Types text into standard input. */
  type(text: string): void;
  /** Ends standard input. */
  end(): void;
}

export function fakeTerminal(opts: { columns?: number; interactive?: boolean } = {}): FakeTerminal {
  const stdin = new PassThrough();
  let [out, err] = ['', ''];
  return {
    // Of a read stream, prompts use what a pass-through has.
    stdin: stdin as unknown as NodeJS.ReadStream,
    out: (text) => (out += text),
    err: (text) => (err += text),
    outIsTerminal: opts.columns !== undefined,
    errIsTerminal: opts.interactive === true,
    interactive: opts.interactive === true,
    columns: opts.columns ?? Number.POSITIVE_INFINITY,
    style: createStyle(false),
    errStyle: createStyle(false),
    stdout: () => out,
    stderr: () => err,
    type: (text) => void stdin.write(text),
    end: () => void stdin.end(),
  };
}
