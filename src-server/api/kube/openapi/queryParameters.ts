/** A query parameter of the door, for the documents: kubectl looks for `dryRun` and `fieldValidation` before it sends them. */
export interface QueryParameter {
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

export const QUERY_PARAMETERS = {
  allowWatchBookmarks: { type: 'boolean', description: 'Events of type BOOKMARK tell how far the watch has come, though nothing changed.' },
  continue: { type: 'string', description: 'The token of the page before.' },
  dryRun: { type: 'string', description: '"All": everything is checked and nothing is stored.' },
  fieldManager: { type: 'string', description: 'Who owns the fields that this request sets. Required for server-side apply.' },
  fieldSelector: { type: 'string', description: 'Only objects whose fields are so: status.phase=Running,spec.repository!=demo.' },
  fieldValidation: { type: 'string', description: 'Fields that the kind does not have, and keys that stand twice: Strict refuses, Warn (the default) drops them and says so, Ignore drops them.' },
  force: { type: 'boolean', description: 'Server-side apply takes over fields that others own.' },
  gracePeriodSeconds: { type: 'integer', description: 'Not used by the kinds that are served here.' },
  labelSelector: { type: 'string', description: 'Only objects whose labels are so: app=web,tier!=cache.' },
  limit: { type: 'integer', description: 'Objects in a page.' },
  orphanDependents: { type: 'boolean', description: 'Older form of propagationPolicy.' },
  propagationPolicy: { type: 'string', description: 'What happens to owned objects: Background, Foreground or Orphan.' },
  resourceVersion: { type: 'string', description: 'The version to read, or to watch from.' },
  resourceVersionMatch: { type: 'string', description: 'How resourceVersion is meant: NotOlderThan or Exact.' },
  sendInitialEvents: { type: 'boolean', description: 'A watch begins with the objects that there are.' },
  timeoutSeconds: { type: 'integer', description: 'How long the request may last.' },
  watch: { type: 'boolean', description: 'Changes as they happen, instead of a list.' },
} as const satisfies Readonly<Record<string, QueryParameter>>;

export type QueryParameterName = keyof typeof QUERY_PARAMETERS;

const SELECTION = ['continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'timeoutSeconds'] as const;
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'] as const;
const DELETION = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'] as const;

/** Query parameters of each verb that has some. */
export const PARAMETERS_OF = {
  list: ['allowWatchBookmarks', ...SELECTION, 'watch'],
  create: WRITE,
  update: WRITE,
  patch: [...WRITE, 'force'],
  delete: DELETION,
  deletecollection: [...SELECTION, ...DELETION],
} as const satisfies Readonly<Record<string, readonly QueryParameterName[]>>;
