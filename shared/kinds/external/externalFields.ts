import { z } from 'zod';
import { isPlainObject } from '../../kind/paths';

/** What a provider can be to Kradle. Source: seeds, 004-external-backend-crds, "capabilities". */
export const externalInterface = z.enum(['issueTracking', 'cicd', 'gitForge']);
export type ExternalInterface = z.output<typeof externalInterface>;
export const EXTERNAL_INTERFACES = externalInterface.options;

/**
 * Who owns what is synced, and so who may write. Source: seeds, 004: `mode` of a binding's interface, `defaultMode` of a write policy.
 */
export const ownershipMode = z.enum(['read-only', 'external-owned', 'bidirectional', 'kradle-owned', 'write-through', 'reviewed-write']);
export type OwnershipMode = z.output<typeof ownershipMode>;

/** Modes under which Kradle writes to the provider. */
export const WRITING_MODES: readonly OwnershipMode[] = ['bidirectional', 'kradle-owned', 'write-through', 'reviewed-write'];

/** How a conflict is settled. Source: seeds, 003 section 11.1. */
export const conflictStrategy = z.enum(['prefer-external', 'prefer-kradle', 'manual', 'ignore']);

/** The version of an object at its provider. */
export const externalVersion = z.object({
  etag: z.string().max(500).optional().describe('ETag of the object as the provider answered it.'),
  updatedAt: z.iso.datetime({ offset: true }).optional().describe('When the provider says that it changed.'),
  sha: z.string().max(100).optional().describe('Commit that the object was at.'),
});

/** An error of a provider, without secrets. */
export const externalError = z.object({
  code: z.string().max(100).optional().describe('Machine word: RateLimited, NotFound, Forbidden.'),
  message: z.string().max(2000).describe('What went wrong, for the person who reads it.'),
  at: z.iso.datetime({ offset: true }).optional(),
});

/** What every place at a provider is told by; a provider that needs more adds its own fields. */
export const nativePlace = {
  owner: z.string().max(255).optional().describe('Owner, organization or workspace at the provider.'),
  repository: z.string().max(255).optional().describe('Repository at the provider.'),
  project: z.string().max(255).optional().describe('Project, board or pipeline at the provider: a key such as KRA in Jira.'),
} as const;

/** Words of older documents for a mode. */
const OLDER_MODES: Readonly<Record<string, OwnershipMode>> = { 'krate-owned': 'kradle-owned', mirrored: 'external-owned' };
/** Words of older documents for a strategy. Source: seeds, 000-openapi, "resolveConflict". */
const OLDER_STRATEGIES: Readonly<Record<string, z.output<typeof conflictStrategy>>> = {
  'prefer-krate': 'prefer-kradle', 'local-wins': 'prefer-kradle', 'remote-wins': 'prefer-external',
};

/** The present word for a mode; what it does not know comes back as it is. */
export function presentMode(mode: unknown): unknown {
  return typeof mode === 'string' && Object.hasOwn(OLDER_MODES, mode) ? OLDER_MODES[mode] : mode;
}

/** The present word for a conflict strategy; what it does not know comes back as it is. */
export function presentStrategy(strategy: unknown): unknown {
  return typeof strategy === 'string' && Object.hasOwn(OLDER_STRATEGIES, strategy) ? OLDER_STRATEGIES[strategy] : strategy;
}

/** `object` with `change` made to its field `key`, where it has one. */
export function changeField(object: unknown, key: string, change: (value: unknown) => unknown): unknown {
  return isPlainObject(object) && object[key] !== undefined ? { ...object, [key]: change(object[key]) } : object;
}
