import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as acp from '@agentclientprotocol/sdk';

const FILE = 'src/discount.js';
const WRONG = 'cents - percent / 100';
const RIGHT = 'cents * (1 - percent / 100)';
/** What a model would have cost; nothing was spent. */
const USAGE = { size: 200_000, start: 3_400, cost: 0 };
const WORD_DELAY_MS = 18;

interface Session {
  readonly cwd: string;
  cancel: AbortController;
}

/**
 * `kradle demo-agent`: an agent that speaks ACP and has no model. It finds the one bug of the sample repository the way an agent
 * would: plans, reads, asks before it edits and before it runs anything, really runs the tests, and says what it did. In any other
 * repository it says that it cannot help there.
 */
export async function runDemoAgent(opts: { input?: Readable; output?: Writable; wordDelayMs?: number } = {}): Promise<void> {
  const sessions = new Map<string, Session>();
  const stream = acp.ndJsonStream(Writable.toWeb(opts.output ?? process.stdout), Readable.toWeb(opts.input ?? process.stdin) as ReadableStream<Uint8Array>);
  const connection = acp
    .agent({ name: 'kradle-demo' })
    .onRequest(acp.methods.agent.initialize, async () => ({
      protocolVersion: acp.PROTOCOL_VERSION,
      agentInfo: { name: 'kradle-demo', title: 'Kradle demo agent', version: '1.0.0' },
      agentCapabilities: { loadSession: false, promptCapabilities: { image: false, audio: false, embeddedContext: false } },
      authMethods: [],
    }))
    .onRequest(acp.methods.agent.session.new, async ({ params }) => {
      const sessionId = `demo-${sessions.size + 1}`;
      sessions.set(sessionId, { cwd: params.cwd, cancel: new AbortController() });
      return { sessionId };
    })
    .onNotification(acp.methods.agent.session.cancel, async ({ params }) => sessions.get(params.sessionId)?.cancel.abort())
    .onRequest(acp.methods.agent.session.prompt, async ({ params, client }) => {
      const session = sessions.get(params.sessionId);
      if (session === undefined) throw acp.RequestError.resourceNotFound(params.sessionId);
      session.cancel = new AbortController();
      const turn = new Turn(client, { sessionId: params.sessionId, cwd: session.cwd, signal: session.cancel.signal, wordDelayMs: opts.wordDelayMs ?? WORD_DELAY_MS });
      return { stopReason: await turn.take() };
    })
    .connect(stream);
  await connection.closed;
}

interface TurnOptions {
  readonly sessionId: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly wordDelayMs: number;
}

const STEPS = ['Run the tests and read what fails', 'Find the cause', 'Fix it with the smallest right change', 'Run the tests again'];

class Turn {
  readonly #client: acp.AgentContext;
  readonly #options: TurnOptions;
  #tools = 0;
  #tokens = USAGE.start;

  constructor(client: acp.AgentContext, options: TurnOptions) {
    this.#client = client;
    this.#options = options;
  }

  async take(): Promise<acp.StopReason> {
    try {
      await this.#work();
      return 'end_turn';
    } catch (error) {
      if (this.#options.signal.aborted) return 'cancelled';
      throw error;
    }
  }

  async #work(): Promise<void> {
    const { cwd } = this.#options;
    const source = await readFile(resolve(cwd, FILE), 'utf8').catch(() => undefined);
    if (source === undefined) {
      await this.#say(`I am the demo agent that ships with Kradle. I have no model: I know one repository, the sample shop, and this is another one (there is no \`${FILE}\`). Create an agent with a real program to work here.`);
      return;
    }
    await this.#plan(0);
    await this.#think('The task names a failing test. I look at the code it exercises first, then run it before I change anything.');
    await this.#read('test/cart.test.js');
    await this.#plan(1);
    const before = await this.#runTests('Run the tests to see the failure');
    if (before === undefined) {
      await this.#say('You did not want the tests to be run, so I go on by reading.');
    } else {
      await this.#say(before.exitCode === 0 ? 'All tests pass already.' : 'One test fails: a discount of ten percent takes almost nothing off. The total comes from `applyDiscount`.');
    }
    await this.#read(FILE);
    if (!source.includes(WRONG)) {
      await this.#say(`\`applyDiscount\` is right already: it computes \`${RIGHT}\`. There is nothing to fix.`);
      return;
    }
    await this.#think('`cents - percent / 100` subtracts the fraction itself, a tenth of a cent, instead of that fraction of the amount.');
    await this.#plan(2);
    const edited = await this.#edit(source);
    if (!edited) {
      await this.#say(`You did not want the edit. The cause stays: \`applyDiscount\` subtracts \`percent / 100\` from the cents instead of multiplying. The fix would be \`${RIGHT}\`.`);
      return;
    }
    await this.#plan(3);
    const after = await this.#runTests('Run the tests to check the fix');
    await this.#plan(4);
    const proof = after === undefined ? 'I have not run the tests after the change.' : after.exitCode === 0 ? 'All three tests pass now.' : `The tests still fail (exit code ${after.exitCode}).`;
    await this.#say(`**The discount was computed wrongly.** \`applyDiscount\` in \`${FILE}\` subtracted \`percent / 100\`, a fraction of one cent, from the amount; it now takes that fraction *of* the amount: \`${RIGHT}\`.\n\n${proof}`);
  }

  async #plan(done: number): Promise<void> {
    await this.#update({
      sessionUpdate: 'plan',
      entries: STEPS.map((content, index) => ({ content, priority: index === 2 ? ('high' as const) : ('medium' as const), status: index < done ? ('completed' as const) : index === done ? ('in_progress' as const) : ('pending' as const) })),
    });
  }

  async #say(text: string): Promise<void> {
    await this.#stream('agent_message_chunk', text);
  }

  async #think(text: string): Promise<void> {
    await this.#stream('agent_thought_chunk', text);
  }

  async #stream(sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk', text: string): Promise<void> {
    for (const word of text.split(/(?<=\s)/)) {
      await this.#update({ sessionUpdate, content: { type: 'text', text: word } });
      if (this.#options.wordDelayMs > 0) await sleep(this.#options.wordDelayMs, undefined, { signal: this.#options.signal });
      this.#tokens += 2;
    }
    await this.#update({ sessionUpdate: 'usage_update', used: this.#tokens, size: USAGE.size, cost: { amount: USAGE.cost, currency: 'USD' } });
  }

  async #read(file: string): Promise<void> {
    const path = resolve(this.#options.cwd, file);
    const toolCallId = this.#nextTool();
    await this.#update({ sessionUpdate: 'tool_call', toolCallId, title: `Read ${file}`, kind: 'read', status: 'in_progress', locations: [{ path }], rawInput: { path } });
    const text = await readFile(path, 'utf8');
    await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed', content: [{ type: 'content', content: { type: 'text', text: `\`\`\`js\n${text}\`\`\`` } }] });
  }

  /** False when the answer was no. */
  async #edit(source: string): Promise<boolean> {
    const path = resolve(this.#options.cwd, FILE);
    const newText = source.replace(WRONG, RIGHT);
    const toolCallId = this.#nextTool();
    const call = { toolCallId, title: `Edit ${FILE}`, kind: 'edit' as const, locations: [{ path, line: 4 }], content: [{ type: 'diff' as const, path, oldText: source, newText }], rawInput: { path, old_string: WRONG, new_string: RIGHT } };
    await this.#update({ sessionUpdate: 'tool_call', ...call, status: 'pending' });
    if (!(await this.#ask(call, `Allow edits to ${relative(this.#options.cwd, path)} in this session`))) {
      await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
      return false;
    }
    await writeFile(path, newText);
    await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed' });
    return true;
  }

  /** Undefined when the answer was no. */
  async #runTests(title: string): Promise<{ exitCode: number } | undefined> {
    const toolCallId = this.#nextTool();
    const call = { toolCallId, title: 'node --test', kind: 'execute' as const, rawInput: { command: ['node', '--test'], description: title, cwd: this.#options.cwd } };
    await this.#update({ sessionUpdate: 'tool_call', ...call, status: 'pending' });
    if (!(await this.#ask(call, 'Allow "node --test" in this session'))) {
      await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
      return undefined;
    }
    await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'in_progress' });
    const { exitCode, output } = await this.#spawn(toolCallId);
    await this.#update({
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status: exitCode === 0 ? 'completed' : 'failed',
      rawOutput: { exitCode, output: output.slice(-4_000) },
      _meta: { terminal_exit: { exit_code: exitCode } },
    });
    return { exitCode };
  }

  /** The repository's own tests, by the Node.js that runs this, printing as they go. */
  async #spawn(toolCallId: string): Promise<{ exitCode: number; output: string }> {
    // Electron starts as Node.js only when it is told to.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', FORCE_COLOR: '1', NODE_TEST_CONTEXT: undefined };
    const child = spawn(process.execPath, ['--test', '--test-reporter=spec'], { cwd: this.#options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal: this.#options.signal });
    let output = '';
    const forward = async (data: string): Promise<void> => {
      output += data;
      await this.#update({ sessionUpdate: 'tool_call_update', toolCallId, _meta: { terminal_output: { terminal_id: toolCallId, data } } });
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (data: string) => void forward(data));
    const exitCode = await new Promise<number>((resolveExit, reject) => {
      child.once('close', (code) => resolveExit(code ?? 1));
      child.once('error', reject);
    });
    return { exitCode, output };
  }

  async #ask(toolCall: acp.ToolCallUpdate, always: string): Promise<boolean> {
    const { sessionId, signal } = this.#options;
    const { outcome } = await this.#client.request(
      acp.methods.client.session.requestPermission,
      {
        sessionId,
        toolCall,
        options: [
          { optionId: 'allow', name: 'Allow', kind: 'allow_once' },
          { optionId: 'always', name: always, kind: 'allow_always' },
          { optionId: 'reject', name: 'Reject', kind: 'reject_once' },
        ],
      },
      { cancellationSignal: signal },
    );
    signal.throwIfAborted();
    if (outcome.outcome === 'cancelled') throw new Error('the turn was cancelled');
    return outcome.optionId !== 'reject';
  }

  async #update(update: acp.SessionUpdate): Promise<void> {
    this.#options.signal.throwIfAborted();
    await this.#client.notify(acp.methods.client.session.update, { sessionId: this.#options.sessionId, update });
  }

  #nextTool(): string {
    this.#tools += 1;
    return `call-${this.#tools}`;
  }
}
