import { queryOptions } from '@tanstack/react-query';
import { ApiError } from '../../api/errors';

/** The part of JSON Schema that the document uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

export interface Parameter {
  readonly $ref?: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly name: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface Content {
  readonly [mediaType: string]: { readonly schema?: Schema; readonly example?: unknown };
}

export interface ResponseInfo {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Content;
}

interface RawOperation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, ResponseInfo>>;
  readonly 'x-kradle-availability'?: string;
  readonly 'x-kradle-same-as'?: string;
}

export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>>; readonly responses: Readonly<Record<string, ResponseInfo>> };
}

/** An operation as the page shows it: references resolved, with its other addresses. */
export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly isPlanned: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly schema?: Schema; readonly example?: unknown } | undefined;
  /** Status, in the order of the document. */
  readonly responses: readonly (ResponseInfo & { readonly status: string })[];
  readonly alsoAt: readonly string[];
}

export interface ApiSection {
  readonly name: string;
  readonly description: string | undefined;
  readonly operations: readonly ApiOperation[];
}

export const apiDocumentQuery = queryOptions({
  queryKey: ['openapi'],
  staleTime: Infinity,
  queryFn: async ({ signal }): Promise<ApiDocument> => {
    const response = await fetch('/api/openapi.json', { signal, headers: { Accept: 'application/json' } });
    if (response.ok) return (await response.json()) as ApiDocument;
    throw new ApiError(`The server answered ${response.status}.`, { reason: response.status === 401 ? 'Unauthorized' : 'InternalError' });
  },
});

/** Operations by what they are about. Other addresses of one are told with it; they are none of their own. */
export function readSections(document: ApiDocument): ApiSection[] {
  const all = Object.entries(document.paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, raw]) => ({ path, method: method.toUpperCase(), raw })));
  const others = new Map<string, string[]>();
  for (const { path, method, raw } of all) {
    const sameAs = raw['x-kradle-same-as'];
    if (sameAs !== undefined) others.set(sameAs, [...(others.get(sameAs) ?? []), `${method} ${path}`]);
  }
  const sections = new Map<string, ApiOperation[]>();
  for (const { path, method, raw } of all) {
    if (raw['x-kradle-same-as'] !== undefined) continue;
    const tag = raw.tags?.[0] ?? 'Other';
    const operation: ApiOperation = {
      id: raw.operationId, method, path, tag,
      summary: raw.summary ?? path,
      isPlanned: raw['x-kradle-availability'] === 'planned',
      parameters: (raw.parameters ?? []).map((each) => resolve(each, document.components.parameters)),
      body: raw.requestBody?.content['application/json'],
      responses: Object.entries(raw.responses).map(([status, response]) => ({ ...resolve(response, document.components.responses), status })),
      alsoAt: others.get(`${method} ${path}`) ?? [],
    };
    sections.set(tag, [...(sections.get(tag) ?? []), operation]);
  }
  const descriptions = new Map((document.tags ?? []).map(({ name, description }) => [name, description]));
  return [...sections].sort(([a], [b]) => a.localeCompare(b)).map(([name, operations]) => ({ name, description: descriptions.get(name), operations: operations.sort(byPath) }));
}

/** What has every word of the text in its summary, address, method or section. */
export function searchSections(sections: readonly ApiSection[], text: string): ApiSection[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...sections];
  return sections.flatMap((section) => {
    const operations = section.operations.filter(({ method, path, summary, alsoAt }) => {
      const all = [method, path, summary, section.name, ...alsoAt].join(' ').toLowerCase();
      return words.every((word) => all.includes(word));
    });
    return operations.length === 0 ? [] : [{ ...section, operations }];
  });
}

/** The same request for a terminal. */
export function curlOf(operation: Pick<ApiOperation, 'method'>, request: { url: string; body?: string | undefined; headers: Readonly<Record<string, string>> }): string {
  const lines = [`curl${operation.method === 'GET' ? '' : ` -X ${operation.method}`} ${quote(request.url)}`, '-H "Authorization: Bearer $TOKEN"'];
  for (const [name, value] of Object.entries(request.headers)) lines.push(`-H ${quote(`${name}: ${value}`)}`);
  if (request.body !== undefined) lines.push(`-H 'Content-Type: application/json'`, `-d ${quote(request.body)}`);
  return lines.join(' \\\n  ');
}

/** The address with its parts and questions filled in. Parts without a value stay in braces. */
export function addressOf(operation: Pick<ApiOperation, 'path' | 'parameters'>, values: Readonly<Record<string, string>>): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (whole, name: string) => (values[name] ? encodeURIComponent(values[name]) : whole));
  const query = new URLSearchParams(operation.parameters.filter(({ in: place, name }) => place === 'query' && values[name]).map(({ name }): [string, string] => [name, values[name] ?? '']));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function resolve<T extends { readonly $ref?: string }>(value: T, shared: Readonly<Record<string, T>>): T {
  return value.$ref === undefined ? value : (shared[value.$ref.split('/').at(-1) ?? ''] ?? value);
}

function byPath(a: ApiOperation, b: ApiOperation): number {
  return a.path.localeCompare(b.path) || METHODS.indexOf(a.method) - METHODS.indexOf(b.method);
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** For a terminal: nothing in it means anything. */
function quote(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}
