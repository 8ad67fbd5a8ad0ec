import type { EventLog } from '../../../store/eventLog';

const PAGE = 1000;

/** Copies a stream of events under another name. Entries have ids, so what is there already stays once. */
export async function copyStream(eventLog: EventLog, from: string, to: string): Promise<void> {
  for (let after = 0; ; ) {
    const { items } = await eventLog.read(from, { after, limit: PAGE });
    const last = items.at(-1);
    if (last === undefined) return;
    await eventLog.append(to, items.map(({ id, at, type, data }) => ({ id, at, type, data })));
    after = last.seq;
  }
}
