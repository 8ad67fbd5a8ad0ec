#!/usr/bin/env node
/**
 * An ACP agent that does what a script says, over real standard input and output, written with the SDK. The script is JSON in the
 * file of the first argument, or in the variable SCRIPT:
 *
 *   { "initialize": {…} | "hang" | "garbage" | "exit" | "flood", "authRequired": true, "loadSession": true, "replay": [ step, … ], "resumed": [ step, … ],
 *     "prompt": [ step, … ], "stopReason": "end_turn", "usage": {…} }
 *
 * A step is an object with one of: message, thought, plan, update (a SessionUpdate as it is), write { path, text },
 * permission { options, toolCall, onSelected: { OPTION-ID: [steps] }, onCancelled: [steps] }, sleepMs, repeat { times, steps },
 * exit CODE, kill SIGNAL, hang, garbage "text", flood BYTES, stderr "text", spawnChild { file, detached }, env { path, names? },
 * error { code, message }, promptText { path }, sayEnv { name, encoding?, pieceLength? }, writeEnv { path, name }.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as acp from '@agentclientprotocol/sdk';

const script = JSON.parse(process.env.SCRIPT ?? readFileSync(process.argv[2], 'utf8'));
const forever = () => new Promise(() => setInterval(() => undefined, 1 << 30));

if (script.stderr !== undefined) process.stderr.write(script.stderr);
if (script.initialize === 'exit') process.exit(script.exitCode ?? 7);
if (script.initialize === 'garbage') {
  for (let line = 0; line < 200; line += 1) process.stdout.write(`Welcome to the agent, line ${line}\n`);
  await forever();
}
if (script.initialize === 'flood') {
  const chunk = Buffer.alloc(1 << 20, 'x');
  for (;;) writeSync(1, chunk);
}
if (script.banner !== undefined) process.stdout.write(script.banner);

let loaded = false;
let cwd = process.cwd();
const cancelled = new Map();

const connection = acp
  .agent({ name: 'scripted' })
  .onRequest(acp.methods.agent.initialize, async () => {
    if (script.initialize === 'hang') await forever();
    return {
      protocolVersion: acp.PROTOCOL_VERSION,
      agentInfo: { name: 'scripted', title: 'Scripted agent', version: '1.2.3' },
      agentCapabilities: { loadSession: script.loadSession === true },
      authMethods: script.authMethods ?? [],
      ...script.initialize,
    };
  })
  .onRequest(acp.methods.agent.session.new, async ({ params }) => {
    if (script.authRequired) throw acp.RequestError.authRequired();
    cwd = params.cwd;
    cancelled.set('session-1', new AbortController());
    return { sessionId: 'session-1', ...(script.configOptions === undefined ? {} : { configOptions: script.configOptions }) };
  })
  .onRequest(acp.methods.agent.session.load, async ({ params, client }) => {
    cwd = params.cwd;
    cancelled.set(params.sessionId, new AbortController());
    loaded = true;
    for (const step of script.replay ?? []) await perform(step, { client, sessionId: params.sessionId });
    return {};
  })
  .onRequest(acp.methods.agent.session.setConfigOption, async ({ params }) => {
    process.stderr.write(`config ${params.configId}=${params.value}\n`);
    return { configOptions: script.configOptions ?? [] };
  })
  .onNotification(acp.methods.agent.session.cancel, async ({ params }) => {
    if (script.ignoreCancel !== true) cancelled.get(params.sessionId)?.abort();
  })
  .onRequest(acp.methods.agent.session.prompt, async ({ params, client }) => {
    const turn = { client, sessionId: params.sessionId, signal: cancelled.get(params.sessionId).signal, text: params.prompt.map((block) => block.text ?? '').join('') };
    try {
      for (const step of (loaded ? script.resumed : script.prompt) ?? []) await perform(step, turn);
    } catch (error) {
      if (turn.signal.aborted) return { stopReason: 'cancelled' };
      throw error;
    }
    return { stopReason: script.stopReason ?? 'end_turn', ...(script.usage === undefined ? {} : { usage: script.usage }) };
  })
  .connect(acp.ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
await connection.closed;
if (script.outlivesInput === true) await forever();

async function perform(step, turn) {
  turn.signal?.throwIfAborted();
  const update = (value) => turn.client.notify(acp.methods.client.session.update, { sessionId: turn.sessionId, update: value });
  const [kind] = Object.keys(step);
  const value = step[kind];
  switch (kind) {
    case 'message':
      return update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: value } });
    case 'thought':
      return update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: value } });
    case 'plan':
      return update({ sessionUpdate: 'plan', entries: value });
    case 'update':
      return update(value);
    case 'write':
      mkdirSync(dirname(resolve(cwd, value.path)), { recursive: true });
      return writeFileSync(resolve(cwd, value.path), value.text);
    case 'promptText':
      return writeFileSync(resolve(cwd, value.path), turn.text);
    case 'env':
      return writeFileSync(resolve(cwd, value.path), JSON.stringify(process.env, undefined, 2));
    case 'sayEnv': {
      const text = Buffer.from(process.env[value.name] ?? 'unset').toString(value.encoding ?? 'utf8');
      for (let at = 0; at < text.length; at += value.pieceLength ?? text.length) {
        await update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: text.slice(at, at + (value.pieceLength ?? text.length)) } });
      }
      return undefined;
    }
    case 'writeEnv':
      return writeFileSync(resolve(cwd, value.path), `const key = '${process.env[value.name]}';\n`);
    case 'permission': {
      const { outcome } = await turn.client.request(acp.methods.client.session.requestPermission, { sessionId: turn.sessionId, toolCall: value.toolCall, options: value.options });
      const next = outcome.outcome === 'cancelled' ? value.onCancelled : value.onSelected?.[outcome.optionId];
      for (const each of next ?? []) await perform(each, turn);
      return undefined;
    }
    case 'sleepMs':
      return sleep(value, undefined, { signal: turn.signal });
    case 'repeat':
      for (let time = 0; time < value.times; time += 1) for (const each of value.steps) await perform(each, turn);
      return undefined;
    case 'exit':
      return process.exit(value);
    case 'kill':
      process.kill(process.pid, value);
      return forever();
    case 'hang':
      return turn.signal === undefined || script.ignoreCancel === true ? forever() : sleep(1 << 30, undefined, { signal: turn.signal });
    case 'garbage':
      return void process.stdout.write(`${value}\n`);
    case 'flood':
      for (let sent = 0; sent < value; sent += 1 << 20) writeSync(1, Buffer.alloc(1 << 20, 'x'));
      return undefined;
    case 'stderr':
      return void process.stderr.write(value);
    case 'error':
      throw new acp.RequestError(value.code, value.message);
    case 'spawnChild': {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)'], { stdio: 'ignore', detached: value.detached === true });
      writeFileSync(resolve(cwd, value.file), String(child.pid));
      return undefined;
    }
    default:
      throw new Error(`the script has an unknown step "${kind}"`);
  }
}
