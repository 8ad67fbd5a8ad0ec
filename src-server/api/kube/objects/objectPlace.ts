import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { namespaceFor } from '#shared/kind/names';
import { isPlainObject } from '#shared/kind/paths';
import { formatFieldRequirement } from '#shared/kind/selectors';
import type { ResourceClient } from '../../../resources/resourceClient';
import { readKubeNamespace } from '../kubeNamespace';
import type { KubeResource } from '../kubeResources';

/** Where the objects of a request are. */
export interface ObjectPlace {
  /** `*`: every organization that the actor may see. */
  readonly org: string;
  /** The namespace that they are in; absent for all. */
  readonly home?: string;
  /** The namespace as the address has it. */
  readonly asked?: string;
}

export interface PlaceQuestion {
  /** For who asks. */
  readonly resources: ResourceClient;
  /** The kind whose objects are the organizations. */
  readonly organization: AnyKind;
  readonly resource: KubeResource;
  readonly namespace: string;
  readonly name?: string;
  /** What the client sends; an object of it may say which organization it belongs to. */
  readonly body?: unknown;
  readonly onWarning: (text: string) => void;
}

/** Who has access to it works here unless they say otherwise. */
const DEFAULT_ORG = 'default';

/**
 * Finds the organization that an address means. The platform's namespace under a kind that lives in organizations (documents of
 * earlier versions have it so) means the organization that the object itself names, else the one that has an object of that name, else the
 * actor's own. A platform kind is in its namespace from wherever one looks: kubectl sends every object under some namespace.
 *
 * @throws NotFound, in the same words for a namespace that is not there and one that the actor may not see.
 */
export async function findPlace(question: PlaceQuestion): Promise<ObjectPlace> {
  const { resource, namespace, resources, organization } = question;
  const meaning = readKubeNamespace(namespace);
  if (meaning.of === 'nothing') throw namespaceNotFound(namespace);
  if (resource.kind.placement === 'platform') {
    const isVisible = meaning.of === 'platform' || (await resources.find(organization, { org: meaning.org, name: meaning.org })) !== undefined;
    if (!isVisible) throw namespaceNotFound(namespace);
    return placed(question, await platformOrg(question, meaning.of === 'organization' ? meaning.org : undefined));
  }
  if (meaning.of === 'organization') return placed(question, meaning.org);
  const place = placed(question, await chooseOrg(question));
  question.onWarning(`namespace "${namespace}" has no ${resource.plural} of its own; this request goes to "${place.home}", the namespace of organization "${place.org}"`);
  return place;
}

/** Where an actor works who does not say where; undefined when they may see no organization. */
export async function ownOrganization(resources: ResourceClient, organization: AnyKind): Promise<string | undefined> {
  if ((await resources.find(organization, { org: DEFAULT_ORG, name: DEFAULT_ORG })) !== undefined) return DEFAULT_ORG;
  const [first] = (await resources.list(organization, { org: '*', limit: 1 })).items;
  return first?.metadata.name;
}

/** Worded as kube-apiserver words it. */
export function namespaceNotFound(namespace: string): StatusError {
  return new StatusError('NotFound', `namespaces "${namespace}" not found`, { resource: `Namespace//${namespace}` });
}

function placed({ resource, namespace }: PlaceQuestion, org: string): ObjectPlace & { home: string } {
  return { org, home: namespaceFor(resource.kind, org), asked: namespace };
}

/** A platform object belongs to the organization that it names, or is one itself. */
async function platformOrg(question: PlaceQuestion, asked: string | undefined): Promise<string> {
  const { resources, resource: { kind }, name, body } = question;
  if (name === undefined && body === undefined) return '*';
  const stored = name === undefined ? undefined : await resources.find(kind, { org: name, name });
  const named = organizationRefOf(stored) ?? organizationRefOf(body);
  if (named !== undefined) return named;
  return Object.hasOwn(kind.spec.shape, 'organizationRef') ? (asked ?? (await ownOrg(question))) : (name ?? nameOf(body) ?? '');
}

async function chooseOrg(question: PlaceQuestion): Promise<string> {
  const { resources, resource, name, body } = question;
  const named = organizationRefOf(body);
  if (named !== undefined) return named;
  if (name !== undefined) {
    const { items } = await resources.list(resource.kind, { org: '*', fieldSelector: formatFieldRequirement('metadata.name', '=', name), limit: 2 });
    const [found, another] = items.map((object) => readKubeNamespace(object.metadata.namespace));
    if (found?.of === 'organization' && another === undefined) return found.org;
  }
  return ownOrg(question);
}

async function ownOrg({ resources, organization, namespace }: PlaceQuestion): Promise<string> {
  const org = await ownOrganization(resources, organization);
  if (org === undefined) throw namespaceNotFound(namespace);
  return org;
}

/** In any of its spellings: `acme`, `kradle-org-acme`, `krate-org-acme`. */
function organizationRefOf(body: unknown): string | undefined {
  const spec = isPlainObject(body) && isPlainObject(body.spec) ? body.spec : {};
  if (typeof spec.organizationRef !== 'string' || spec.organizationRef === '') return undefined;
  const meaning = readKubeNamespace(spec.organizationRef);
  return meaning.of === 'organization' ? meaning.org : spec.organizationRef;
}

function nameOf(body: unknown): string | undefined {
  const metadata = isPlainObject(body) && isPlainObject(body.metadata) ? body.metadata : {};
  return typeof metadata.name === 'string' && metadata.name !== '' ? metadata.name : undefined;
}
