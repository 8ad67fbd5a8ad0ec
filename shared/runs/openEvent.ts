import type { RunEvent } from '../api/agents';
import { fieldsOf, type Fields } from './readEvent';

/** An event with its data opened and the attempt that its id carries (`<attempt>.<n>`; the server's own ids carry none). */
export interface OpenEvent {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly attempt: string;
  readonly data: Fields;
}

export function openEvent(event: RunEvent): OpenEvent {
  return { seq: event.seq, id: event.id, at: event.at, attempt: attemptOf(event.id), data: fieldsOf(event.data) };
}

/** What every item made from the event starts with. */
export function itemBase(event: OpenEvent): { id: string; seq: number; at: string; attempt: string } {
  return { id: event.id, seq: event.seq, at: event.at, attempt: event.attempt };
}

/** The last part of a text, from the start of a line where one is near. Cuts down to three quarters, so that cutting is rare. */
export function keepTail(text: string, limit: number): { text: string; truncated: boolean } {
  if (text.length <= limit) return { text, truncated: false };
  const tail = text.slice(text.length - Math.floor(limit * 0.75));
  const newline = tail.indexOf('\n');
  return { text: newline === -1 || newline > 4096 ? tail : tail.slice(newline + 1), truncated: true };
}

function attemptOf(eventId: string): string {
  const attempt = eventId.slice(0, Math.max(0, eventId.indexOf('.')));
  return /^\d+$/.test(attempt) ? attempt : 'server';
}
