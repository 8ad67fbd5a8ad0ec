import type { KindContext } from './defineKind';

/** What people call a context, in the order in which they are listed. */
export const CONTEXT_TITLES: Readonly<Record<KindContext, string>> = {
  identity: 'People and access', forge: 'Forge', policy: 'Policy', hooks: 'Hooks', ci: 'Pipelines', console: 'Console', agents: 'Agents',
  workspaces: 'Workspaces', memory: 'Memory', external: 'External', inference: 'Inference', registry: 'Packages', audit: 'Audit',
};
