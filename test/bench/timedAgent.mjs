/**
 * An ACP agent for the bench: answers the first prompt with updates that carry the moment of their sending in `_meta.sentAt`
 * (milliseconds since the epoch), at a steady rate or as fast as the pipe takes them.
 *
 *   node timedAgent.mjs UPDATES [PER-SECOND]
 *
 * Writes its lines itself: it measures who reads them, and should cost little.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 5;
const updates = Number(process.argv[2]);
const perSecond = process.argv[3] === undefined ? Number.POSITIVE_INFINITY : Number(process.argv[3]);
const sessionId = 'bench';

const answers = {
  initialize: () => ({ protocolVersion: 1, agentInfo: { name: 'timed', version: '1' }, agentCapabilities: {} }),
  'session/new': () => ({ sessionId }),
  'session/prompt': async () => {
    await emit();
    return { stopReason: 'end_turn' };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  const answer = answers[method];
  if (answer !== undefined) void Promise.resolve(answer()).then((result) => send({ jsonrpc: '2.0', id, result }));
}

async function emit() {
  const startedAt = performance.now();
  for (let sent = 0; sent < updates; ) {
    const due = Math.min(updates, Math.ceil(((performance.now() - startedAt + TICK_MS) / 1000) * perSecond), sent + 1000);
    let text = '';
    for (; sent < due; sent += 1) text += `${JSON.stringify(updateOf(sent))}\n`;
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
    await sleep(perSecond === Number.POSITIVE_INFINITY ? 0 : TICK_MS);
  }
}

function updateOf(number) {
  const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `token ${number} of the answer, ` }, _meta: { sentAt: performance.timeOrigin + performance.now() } };
  return { jsonrpc: '2.0', method: 'session/update', params: { sessionId, update } };
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
