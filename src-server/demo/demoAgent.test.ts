import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import * as acp from '@agentclientprotocol/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '#shared/api/agents';
import { foldRunEvents } from '#shared/runs/foldRunEvents';
import { SAMPLE_REPOSITORY } from '../domains/agents/demo/sampleRepository';
import { runDemoAgent } from './demoAgent';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'kradle-demo-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true });
});

async function writeSample(): Promise<void> {
  for (const { path, content } of SAMPLE_REPOSITORY.files) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), content);
  }
}

/** One turn; `answer` gives the option for each question. */
async function takeTurn(answer: (title: string) => string) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const events: RunEvent[] = [];
  const questions: string[] = [];
  const agent = runDemoAgent({ input, output, wordDelayMs: 0 });
  const client = acp
    .client({ name: 'test' })
    .onNotification(acp.methods.client.session.update, ({ params }) => {
      const seq = events.length + 1;
      events.push({ seq, id: `1.${seq}`, at: '2026-01-01T00:00:00.000Z', type: 'update', data: params.update });
    })
    .onRequest(acp.methods.client.session.requestPermission, ({ params }) => {
      const title = params.toolCall.title ?? '';
      questions.push(title);
      return { outcome: { outcome: 'selected' as const, optionId: answer(title) } };
    })
    .connect(acp.ndJsonStream(Writable.toWeb(input), Readable.toWeb(output) as ReadableStream<Uint8Array>));
  await client.agent.request(acp.methods.agent.initialize, { protocolVersion: acp.PROTOCOL_VERSION });
  const { sessionId } = await client.agent.request(acp.methods.agent.session.new, { cwd, mcpServers: [] });
  const { stopReason } = await client.agent.request(acp.methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text: 'Fix it.' }] });
  client.close();
  input.end();
  await agent;
  return { stopReason, questions, view: foldRunEvents(events) };
}

describe('the demo agent', () => {
  it('finds and fixes the bug of the sample repository, and proves it', async () => {
    await writeSample();
    const { stopReason, questions, view } = await takeTurn(() => 'allow');
    expect(stopReason).toBe('end_turn');
    expect(questions).toEqual(['node --test', 'Edit src/discount.js', 'node --test']);
    expect(view.plan.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed', 'completed']);
    const runs = view.items.flatMap((item) => (item.type === 'tool' && item.kind === 'execute' ? [item] : []));
    expect(runs.map(({ status, exitCode }) => [status, exitCode])).toEqual([['failed', 1], ['completed', 0]]);
    expect(runs[0]?.output).toContain('a discount of ten percent takes a tenth off');
    expect(view.items.find((item) => item.type === 'tool' && item.kind === 'edit')).toMatchObject({ status: 'completed', content: [{ type: 'diff', newText: expect.stringContaining('cents * (1 - percent / 100)') as string }] });
    await promisify(execFile)(process.execPath, ['--test'], { cwd, env: { PATH: process.env.PATH ?? '' } });
  });

  it('takes a no for a no: nothing is changed, and it says what it would have done', async () => {
    await writeSample();
    const before = await readFile(join(cwd, 'src/discount.js'), 'utf8');
    const { stopReason, questions, view } = await takeTurn((title) => (title.startsWith('Edit') ? 'reject' : 'allow'));
    expect(stopReason).toBe('end_turn');
    expect(questions).toEqual(['node --test', 'Edit src/discount.js']);
    expect(await readFile(join(cwd, 'src/discount.js'), 'utf8')).toBe(before);
    expect(view.items.at(-1)).toMatchObject({ type: 'message', text: expect.stringContaining('You did not want the edit') as string });
  });

  it('says that it can do nothing in another repository', async () => {
    const { stopReason, questions, view } = await takeTurn(() => 'allow');
    expect([stopReason, questions]).toEqual(['end_turn', []]);
    expect(view.items).toMatchObject([{ type: 'message', text: expect.stringContaining('I know one repository') as string }]);
  });
});
