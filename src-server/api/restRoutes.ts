import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import type { ProcedureMeta } from '../rpc/trpc';

const ORG_PREFIX = '/api/orgs/{org}/';

/**
 * What may be asked for without an organization in the path, as the first segments after it. What manages an organization itself
 * (people, audit, deletion) is not among it: that is said in full.
 */
const UNPREFIXED = new Set(['resources', 'runtime-resources', 'repositories', 'pullrequests', 'agents', 'secrets', 'secret-grants', 'snapshot', 'external', 'webhooks', 'inference', 'artifacts', 'assistant', 'workspaces']);

/** Where the seeds have other words for an address that is there under ours: 001-api-contract-spec, "Resource CRUD". */
const RENAMED: Readonly<Record<string, string>> = { '/api/resources': '/api/controller/resources', '/api/resources/{kind}/{name}': '/api/controller/resources/{kind}/{name}' };

/** Where it is tokens, passwords or values that come or go: of these nothing is kept, whether or not the procedure says so. */
const SENSITIVE = /secret|token|password|sign-in|session|invite|device|keys/;

/** How an address came to be: the procedure's own, another one that it names, or one without the organization. */
export type RouteForm = 'own' | 'alias' | 'unprefixed';

/** An address of a procedure. */
export interface RestRoute {
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly pattern: RegExp;
  readonly form: RouteForm;
  /** `pulls.merge`. */
  readonly procedurePath: string;
  /** Fields of the input. */
  readonly shape: Readonly<Record<string, z.ZodType>>;
  readonly meta: ProcedureMeta;
  readonly isSensitive: boolean;
}

/** Every address of every procedure that has one; literal paths stand before those with parameters at the same place. */
export function collectRoutes(router: AnyTRPCRouter): RestRoute[] {
  const procedures = Object.entries(router._def.procedures as Record<string, AnyTRPCProcedure & { _def: { meta?: ProcedureMeta; inputs: z.ZodType[] } }>);
  const own = procedures.flatMap(([procedurePath, { _def }]) => {
    const { meta, inputs } = _def;
    if (meta?.openapi === undefined) return [];
    const { method, path } = meta.openapi;
    const shape = shapeOf(inputs[0]);
    return [path, ...(meta.aliases ?? [])].map((each, index) => ({ ...toPattern(each), method: method, form: index === 0 ? ('own' as const) : ('alias' as const), procedurePath, shape, meta, isSensitive: meta.sensitive ?? SENSITIVE.test(path) }));
  });
  const taken = new Set(own.map((route) => addressOf(route)));
  const unprefixed = own.flatMap((route): RestRoute[] => {
    const path = unprefixedPath(route.path);
    if (path === undefined) return [];
    const found = { ...route, ...toPattern(path), form: 'unprefixed' as const };
    // An address of its own says more than one that was derived.
    return taken.has(addressOf(found)) ? [] : [found];
  });
  return [...own, ...unprefixed].sort((a, b) => parameters(a) - parameters(b) || Number(a.form === 'unprefixed') - Number(b.form === 'unprefixed'));
}

/** `/api/orgs/{org}/agents/runs` -> `/api/agents/runs`; undefined for what is said in full only. */
export function unprefixedPath(path: string): string | undefined {
  if (!path.startsWith(ORG_PREFIX)) return undefined;
  const rest = path.slice(ORG_PREFIX.length);
  if (!UNPREFIXED.has(rest.split('/', 1)[0] ?? '')) return undefined;
  return RENAMED[`/api/${rest}`] ?? `/api/${rest}`;
}

/** The fields of an input that is an object, or may be left out; none for any other. */
export function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> {
  let inner: unknown = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function toPattern(path: string): { path: string; pattern: RegExp } {
  const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { path, pattern: new RegExp(`^${source}/?$`) };
}

function addressOf({ method, path }: Pick<RestRoute, 'method' | 'path'>): string {
  return `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
}

function parameters({ path }: RestRoute): number {
  return path.split('{').length;
}
