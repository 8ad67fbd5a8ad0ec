import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import { fitBytes, jsonBytes } from './fitBytes';
import { orgArgument, type McpTool } from './mcpTool';

/** What a tool's answer may come to, in bytes of JSON: clients cut off about here what a model gets to read. */
export const MAX_RESULT_BYTES = 64 * 1024;
/** Objects in a page unless the caller says otherwise. */
const DEFAULT_PAGE = 25;
const MAX_PAGE = 500;

/** A tool that is a procedure of the router. Arguments, paging and hints follow from the procedure where nothing is said. */
export interface ProcedureTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `pulls.merge`. */
  readonly procedure: string;
  /** Arguments beside and instead of the procedure's; `undefined` takes one away. */
  readonly arguments?: Readonly<Record<string, z.ZodType | undefined>>;
  /** What the procedure gets, from the arguments without organization and cursor. Default: themselves. */
  readonly toInput?: (args: Record<string, unknown>) => Record<string, unknown>;
  /** What is answered of what the procedure answers. */
  readonly toResult?: (result: Record<string, unknown>) => Record<string, unknown>;
  readonly output?: z.ZodObject;
  /** May end or overwrite something. */
  readonly destructive?: boolean;
  /** The same call once more changes nothing more. */
  readonly idempotent?: boolean;
  /** Reaches beyond this server: an agent that is started may do anything it is allowed to. */
  readonly openWorld?: boolean;
}

/** Throws at start when the router has no such procedure. */
export function procedureTool(router: AnyTRPCRouter, row: ProcedureTool): McpTool {
  const procedure = (router._def.procedures as Record<string, AnyTRPCProcedure & { _def: { inputs: z.ZodType[] } }>)[row.procedure];
  if (procedure === undefined) throw new Error(`MCP tool ${row.name} names no procedure: ${row.procedure}`);
  const { org, continue: token, limit, ...own } = shapeOf(procedure._def.inputs[0]);
  const pages = token !== undefined && limit !== undefined;
  const isQuery = procedure._def.type === 'query';
  return {
    name: row.name,
    title: row.title,
    description: row.description,
    input: z.strictObject(present({
      ...own,
      limit: limit === undefined ? undefined : z.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE).describe('How many at most; less when they are large.'),
      cursor: token === undefined ? undefined : z.string().max(6000).optional().describe('nextCursor of the previous answer.'),
      ...row.arguments,
      org: org === undefined ? undefined : orgArgument,
    })),
    ...(row.output === undefined ? {} : { output: row.output }),
    annotations: {
      title: row.title,
      readOnlyHint: isQuery,
      ...(isQuery ? {} : { destructiveHint: row.destructive ?? false, idempotentHint: row.idempotent ?? false }),
      openWorldHint: row.openWorld ?? false,
    },
    async run({ org: named, cursor, ...args }, request) {
      const input = {
        ...(row.toInput?.(args) ?? args),
        ...(org === undefined ? {} : { org: await request.org(named as string | undefined) }),
        ...(cursor === undefined ? {} : { continue: cursor }),
      };
      const ask = (more: object = {}) => request.call<Record<string, unknown>>(row.procedure, { ...input, ...more });
      const result = pages && isQuery ? await fittingPage(ask) : await ask();
      const { nextCursor, ...shown } = token === undefined ? result : withCursor(result);
      return { ...(row.toResult?.(shown) ?? shown), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  };
}

/** Asks for fewer until they fit: a page that was cut would leave a gap before the next. */
async function fittingPage(ask: (more?: { limit: number }) => Promise<Record<string, unknown>>): Promise<Record<string, unknown>> {
  let page = await ask();
  for (;;) {
    const count = itemsOf(page).length;
    const sizeBytes = jsonBytes(page);
    if (count <= 1 || sizeBytes <= MAX_RESULT_BYTES) return page;
    page = await ask({ limit: Math.max(1, Math.min(count - 1, Math.floor((count * MAX_RESULT_BYTES * 0.9) / sizeBytes))) });
  }
}

function itemsOf(page: Record<string, unknown>): readonly unknown[] {
  const items = page.items ?? page.resources;
  return Array.isArray(items) ? items : [];
}

/** The token of the next page under one name, wherever the procedure puts it. */
function withCursor(page: Record<string, unknown>): Record<string, unknown> {
  const { metadata, continue: token, ...rest } = page as { metadata?: { continue?: string; remainingItemCount?: number }; continue?: string };
  const nextCursor = metadata?.continue ?? token;
  const remaining = metadata?.remainingItemCount;
  return { ...rest, ...(remaining === undefined ? {} : { remaining }), ...(nextCursor === undefined ? {} : { nextCursor }) };
}

/** What a client gets of a tool's answer, and what to tell it beside. */
export function boundResult(result: Record<string, unknown>): { value: Record<string, unknown>; notes: string[] } {
  const { value, wasCut } = fitBytes(result, { maxBytes: MAX_RESULT_BYTES, whole: ['nextCursor'] });
  const notes = [
    ...(wasCut ? ['Long texts and lists in this answer were cut; ask for less at a time, or read the one object that you need.'] : []),
    ...(typeof result.nextCursor === 'string' ? ['There is more: call again with the same arguments and cursor set to nextCursor.'] : []),
  ];
  return { value, notes };
}

function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType | undefined>> {
  let inner: unknown = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner instanceof z.ZodObject ? (inner.shape) : {};
}

function present(shape: Readonly<Record<string, z.ZodType | undefined>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).flatMap(([name, schema]) => (schema === undefined ? [] : [[name, schema]])));
}
