import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../test/harness/fakeTerminal';
import { askChoice, askLine, askYesNo } from './prompt';

const choices = [{ label: 'Allow once', value: 'allow' }, { label: 'Reject', value: 'reject' }];

describe('askLine', () => {
  it('answers what was typed', async () => {
    const terminal = fakeTerminal({ interactive: true });
    const answer = askLine(terminal, 'Name? ');
    terminal.type('una\n');
    expect(await answer).toBe('una');
    expect(terminal.stderr()).toBe('Name? ');
    expect(terminal.stdout()).toBe('');
  });

  it('gives up when the input ends or the question is taken back', async () => {
    const ended = fakeTerminal({ interactive: true });
    const answer = askLine(ended, '? ');
    ended.stdin.push(null);
    expect(await answer).toBeUndefined();
    const controller = new AbortController();
    const taken = askLine(fakeTerminal({ interactive: true }), '? ', { signal: controller.signal });
    controller.abort();
    expect(await taken).toBeUndefined();
    expect(await askLine(fakeTerminal(), '? ', { signal: AbortSignal.abort() })).toBeUndefined();
  });

  it('does not take keys that were hit before the question could be read', async () => {
    const terminal = fakeTerminal({ interactive: true });
    const answer = askLine(terminal, '? ', { ignoreMs: 60_000 });
    terminal.type('1\n');
    await new Promise(setImmediate);
    expect(terminal.stderr()).toBe('? ? ');
    terminal.stdin.push(null);
    expect(await answer).toBeUndefined();
  });
});

describe('askYesNo', () => {
  it.each([['y', true], ['YES', true], ['', false], ['n', false], ['yep', false]])('%j means %s', async (typed, meaning) => {
    const terminal = fakeTerminal({ interactive: true });
    const answer = askYesNo(terminal, 'Sure?');
    terminal.type(`${typed}\n`);
    expect(await answer).toBe(meaning);
  });
});

describe('askChoice', () => {
  it('has no default: Enter and nonsense ask again', async () => {
    const terminal = fakeTerminal({ interactive: true });
    const controller = new AbortController();
    const answer = askChoice(terminal, choices, controller.signal);
    for (const typed of ['\n', '0\n', '3\n', 'Allow once\n', '-1\n']) terminal.type(typed);
    await new Promise(setImmediate);
    controller.abort();
    expect(await answer).toBeUndefined();
    expect(terminal.stderr()).toContain('1  Allow once');
    expect(terminal.stderr()).toContain('2  Reject');
  });
});
