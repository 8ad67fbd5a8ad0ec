import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../test/harness/fakeTerminal';
import { complete } from './completion';
import { createProgram } from './program';

async function candidates(...words: string[]): Promise<string[]> {
  const { program, context } = createProgram({ terminal: fakeTerminal(), env: { KRADLE_DATA_DIR: '/nonexistent/kradle' } });
  return complete(program, context, words);
}

describe('complete', () => {
  it('offers commands', async () => {
    expect(await candidates('ap')).toEqual(['apply', 'approvals', 'approve']);
    expect(await candidates('pr', 'm')).toEqual(['merge']);
    expect(await candidates('--org', 'acme', 'ser')).toEqual(['serve']);
  });

  it('does not offer what people should not call', async () => {
    expect(await candidates('')).not.toEqual(expect.arrayContaining(['demo-agent']));
  });

  it('offers options of the command and of all commands', async () => {
    expect(await candidates('pr', 'merge', 'demo-1', '--')).toEqual(expect.arrayContaining(['--method', '--delete-branch', '--org', '--json']));
    expect(await candidates('pr', 'merge', '--me')).toEqual(['--message', '--method']);
  });

  it('offers the values of an option', async () => {
    expect(await candidates('pr', 'merge', 'demo-1', '--method', '')).toEqual(['fast-forward', 'merge', 'rebase', 'squash']);
    expect(await candidates('list', 'repositories', '-o', 'y')).toEqual(['yaml']);
    expect(await candidates('completion', '')).toEqual(['bash', 'fish', 'zsh']);
  });

  it('is silent without a server', async () => {
    expect(await candidates('get', '')).toEqual([]);
    expect(await candidates('logs', '')).toEqual([]);
  });

  it('offers nothing after the last argument', async () => {
    expect(await candidates('cancel', 'run-1', '')).toEqual([]);
  });
});
