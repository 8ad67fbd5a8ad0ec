import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { negotiateKube } from './kubeAccept';

/** Answers an object in the form that the request accepts, JSON or YAML. `NotAcceptable` when it accepts neither. */
export function sendKube(req: IncomingMessage, res: ServerResponse, answer: { status?: number; body: unknown }): void {
  const { type } = negotiateKube(req.headers.accept);
  const text = encodeKube(answer.body, type);
  res.writeHead(answer.status ?? 200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-cache, private' });
  res.end(text);
}

/** An object as text of one of the door's media types. */
export function encodeKube(body: unknown, type: string): string {
  // Two references to one value are no alias: what reads it may refuse them.
  return type === 'application/yaml' ? stringify(body, { aliasDuplicateObjects: false }) : JSON.stringify(body);
}
