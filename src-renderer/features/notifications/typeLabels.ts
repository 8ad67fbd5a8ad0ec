import type { NotificationType } from '#shared/api/notifications';

/** What people call the types, and what each tells of. */
export const TYPE_LABELS: Readonly<Record<NotificationType, { readonly title: string; readonly about: string }>> = {
  'run-complete': { title: 'Runs that ended', about: 'An agent is done, failed, or was cancelled.' },
  'approval-needed': { title: 'Decisions that wait', about: 'An agent asks for permission, or its changes want to be applied, and you may decide.' },
  'pull-request': { title: 'Pull requests', about: 'You are asked to review, somebody judged your change, or one that you had set to merge by itself did, or will not.' },
  'conflict-detected': { title: 'Sync conflicts', about: 'An object differs from what an external backend has.' },
  'workspace-ready': { title: 'Workspaces', about: 'A run got its workspace and begins.' },
  system: { title: 'System', about: 'News about this installation or your account.' },
};
