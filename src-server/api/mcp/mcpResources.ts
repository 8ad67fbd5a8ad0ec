import type { ReadResourceResult, Resource, ResourceTemplate } from '@modelcontextprotocol/sdk/types.js';
import { stringify } from 'yaml';
import { isStatusError, StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { orgOfNamespace } from '#shared/kind/names';
import type { KindRegistry } from '#shared/kind/registry';
import { requireKind } from '#shared/kind/requireKind';
import type { McpRequest } from './mcpRequest';

/** Objects in a page of `resources/list`. */
const PAGE = 100;
const FIXED = /^kradle:\/\/([a-z][a-z-]*)(?:\?org=([^&/]+))?$/;
const OBJECT = /^kradle:\/\/([^/?]+)\/([^/?]+)\/([^/?]+)(?:\?format=(yaml|json))?$/;

/** A resource that is no object: a view of an organization. */
export interface McpView {
  /** `snapshot` is `kradle://snapshot`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Kinds by whose changes it changes. */
  readonly kinds: readonly AnyKind[];
  read(request: McpRequest, org: string): Promise<unknown>;
}

/** What an address of `kradle://` names. */
export type ResourceAddress =
  | { readonly view: McpView; readonly org: string | undefined }
  | { readonly kind: AnyKind; readonly org: string; readonly name: string; readonly format: 'yaml' | 'json' };

export interface McpResources {
  /** One for each kind. */
  readonly templates: readonly ResourceTemplate[];
  /** The views, then the objects of the session's organization. */
  list(request: McpRequest, cursor: string | undefined): Promise<{ resources: Resource[]; nextCursor?: string }>;
  /** Whole: someone chose it. An object is 1.5 MB at most. */
  read(request: McpRequest, uri: string): Promise<ReadResourceResult>;
  /** Throws `NotFound` for what is no address of a resource. */
  parse(uri: string): ResourceAddress;
  /** The kind of a template. */
  kindOf(uriTemplate: string): AnyKind | undefined;
}

/** Every object of every kind by its address, and the views. */
export function createMcpResources(registry: KindRegistry, views: readonly McpView[]): McpResources {
  const templateOf = (kind: AnyKind) => `kradle://{org}/${kind.names.plural}/{name}{?format}`;
  const byTemplate = new Map(registry.all.map((kind) => [templateOf(kind), kind]));
  const own = registry.all.filter((kind) => kind.placement === 'org');

  function parse(uri: string): ResourceAddress {
    const [, viewName, viewOrg] = FIXED.exec(uri) ?? [];
    const view = views.find((each) => each.name === viewName);
    if (view !== undefined) return { view, org: viewOrg === undefined ? undefined : decode(viewOrg) };
    const [, org, plural, name, format] = OBJECT.exec(uri) ?? [];
    const kind = plural === undefined ? undefined : registry.find(decode(plural));
    if (org === undefined || name === undefined || kind === undefined) {
      throw new StatusError('NotFound', `There is no resource ${uri.slice(0, 200)}. An object's address is kradle://ORG/PLURAL/NAME, for example kradle://default/repositories/demo.`);
    }
    return { kind, org: decode(org), name: decode(name), format: format === 'json' ? 'json' : 'yaml' };
  }

  return {
    templates: registry.all.map((kind) => ({ name: kind.names.plural, title: kind.names.title, uriTemplate: templateOf(kind), description: kind.purpose, mimeType: 'application/yaml' })),
    parse,
    kindOf: (uriTemplate) => byTemplate.get(uriTemplate),
    async list(request, cursor) {
      const first = cursor === undefined ? views.map((view) => ({ uri: `kradle://${view.name}`, name: view.name, title: view.title, description: view.description, mimeType: 'application/json' })) : [];
      const page = await listObjects(request, { kinds: own, limit: PAGE, ...(cursor === undefined ? {} : { continue: cursor }) });
      const { continue: nextCursor } = page.metadata;
      return { resources: [...first, ...page.items.map((object) => describe(object, requireKind(registry, object.kind)))], ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
    async read(request, uri) {
      const address = parse(uri);
      if ('view' in address) {
        const value = await address.view.read(request, await request.org(address.org));
        return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(value) }] };
      }
      const object = await request.resources.get(address.kind, address);
      return address.format === 'json'
        ? { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(object, undefined, 2) }] }
        : { contents: [{ uri, mimeType: 'application/yaml', text: stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }) }] };
    },
  };
}

/** Address of an object of an organization. */
export function objectUri(org: string, kind: AnyKind, name: string): string {
  return `kradle://${encodeURIComponent(org)}/${kind.names.plural}/${encodeURIComponent(name)}`;
}

/** Who may list nothing has nothing to list: a run knows the address of what it may read. */
async function listObjects(request: McpRequest, page: { kinds: readonly AnyKind[]; limit: number; continue?: string }) {
  try {
    return await request.resources.listOrg({ org: await request.org(), ...page });
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) return { items: [], metadata: { resourceVersion: '0' } };
    throw error;
  }
}

function describe(object: KradleObject, kind: AnyKind): Resource {
  const { name, namespace } = object.metadata;
  const title = object.spec.title ?? object.spec.displayName;
  return {
    uri: objectUri(orgOfNamespace(namespace) ?? '', kind, name),
    name: `${kind.names.singular}/${name}`,
    ...(typeof title === 'string' && title !== '' ? { title: title.slice(0, 200) } : {}),
    description: `${object.kind}${typeof object.status?.phase === 'string' ? `, ${object.status.phase}` : ''}`,
    mimeType: 'application/yaml',
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new StatusError('BadRequest', 'The address is not valid percent-encoding.', { cause });
  }
}
