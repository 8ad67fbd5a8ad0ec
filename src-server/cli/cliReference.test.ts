import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fakeTerminal } from '../../test/harness/fakeTerminal';
import { cliReference } from './cliReference';
import { createProgram } from './program';

it('docs/reference/cli.md is what the commands say; "npm run docs:cli" writes it anew', () => {
  const { program } = createProgram({ terminal: fakeTerminal(), env: {} });
  expect(readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')).toBe(cliReference(program));
});
