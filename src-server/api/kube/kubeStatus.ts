import type { StatusError } from '#shared/api/status';

/** Kubernetes' answer for what failed, and for deletions without an object: `meta/v1.Status`. */
export interface KubeStatus {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field?: string }[];
    readonly retryAfterSeconds?: number;
  };
  readonly code: number;
}

/**
 * A failure in Kubernetes' words. What it is about is read from the error, else from the address. As there, `details.kind` is the
 * plural of the address, but the kind's name for `Invalid`, which kubectl shows as "The AgentStack "reviewer" is invalid".
 */
export function toKubeStatus(error: StatusError, pathname: string): KubeStatus {
  const { causes = [], resource, retryAfterSeconds } = error.details;
  const place = placeOf(pathname);
  const [kindName, , objectName] = resource?.split('/') ?? [];
  const name = objectName ?? place?.name;
  const kind = (error.reason === 'Invalid' ? kindName : place?.plural) ?? kindName;
  const details = {
    ...(name === undefined ? {} : { name }),
    ...(place === undefined || place.group === '' ? {} : { group: place.group }),
    ...(kind === undefined ? {} : { kind }),
    ...(causes.length === 0 ? {} : { causes: causes.map(({ code, message, field }) => ({ reason: code, message: withoutField(message, field), ...(field === undefined ? {} : { field }) })) }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    code: error.httpStatus,
  };
}

/** Clients show a cause as "field: message": a message that names its field at the start would say it twice. */
function withoutField(message: string, field: string | undefined): string {
  return field !== undefined && message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;
}

const RESOURCE_PATH = /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/)?(?<plural>[^/]+)(?:\/(?<name>[^/]+))?/;

/** What an address of the Kubernetes door names, as far as it names something. */
function placeOf(pathname: string): { group: string; plural: string; name: string | undefined } | undefined {
  const { group = '', plural, name } = RESOURCE_PATH.exec(pathname)?.groups ?? {};
  return plural === undefined ? undefined : { group, plural, name: name === undefined ? undefined : decode(name) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
