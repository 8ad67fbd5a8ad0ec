import { API_GROUP } from '#shared/kind/objectMeta';

/** What an external object is found by. Source: seeds, 004-external-backend-crds, "Required labels"; the organization's is admission's. */
export interface ExternalLabels {
  readonly provider?: unknown;
  readonly interface?: unknown;
  readonly repository?: unknown;
  readonly 'external-owner'?: unknown;
}

/** Kubernetes' rule for the value of a label. */
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** `labels` with those that are known and can be said in a label. A label that a client set stays. */
export function withExternalLabels(labels: Readonly<Record<string, string>> | undefined, known: ExternalLabels): Record<string, string> {
  const said = Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && LABEL_VALUE.test(entry[1]));
  return { ...Object.fromEntries(said.map(([key, value]) => [`${API_GROUP}/${key}`, value])), ...labels };
}
