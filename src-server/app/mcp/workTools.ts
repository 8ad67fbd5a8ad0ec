import { z } from 'zod';
import type { ProcedureTool } from '../../api/mcp/procedureTool';

/** What an agent, or who directs some, does all day with runs and approvals. */
export const agentTools: readonly ProcedureTool[] = [
  { name: 'kradle_list_runs', title: 'List runs', procedure: 'agents.runs', description: 'Lists runs of agents, the newest first; narrow by repository, stack or phase.' },
  { name: 'kradle_get_run', title: 'Get a run', procedure: 'agents.run', description: 'Reads a run: its phase, the reason it waits or failed, its cost, and its pull request.' },
  {
    name: 'kradle_read_run_events', title: 'Read a run\'s events', procedure: 'agents.runEvents',
    arguments: { limit: z.number().int().min(1).max(500).default(100), before: undefined, after: z.number().int().min(0).optional().describe('Events after this seq: lastSeq of the previous answer.') },
    description: 'What an agent said and did in a run, in order. Read on with after.',
  },
  { name: 'kradle_run_diff', title: 'Diff of a run', procedure: 'agents.runDiff', description: 'What a run has changed, also while it works. Name a path for one file; page with after.' },
  { name: 'kradle_cancel_run', title: 'Cancel a run', procedure: 'agents.cancelRun', destructive: true, idempotent: true, description: 'Stops a run and everything that its agent started.' },
  { name: 'kradle_retry_run', title: 'Retry a run', procedure: 'agents.retryRun', openWorld: true, description: 'Dispatches the task of a run that has ended once more.' },
  { name: 'kradle_list_approvals', title: 'List approvals', procedure: 'agents.approvals', description: 'Lists what waits for an answer (phase: Pending) and what was answered, the newest first. spec.options are the agent\'s own.' },
  {
    name: 'kradle_decide_approval', title: 'Answer an approval', procedure: 'agents.decide',
    arguments: { decision: z.enum(['approve', 'deny']), comment: undefined },
    destructive: true, openWorld: true,
    description: 'Approves or denies what an agent asks; the first answer counts. Choose one of its spec.options with optionId where it offers several. Ask the person you work for unless they told you to decide.',
  },
];

/** Reading code, and pull requests from opening to merge. */
export const forgeTools: readonly ProcedureTool[] = [
  { name: 'kradle_list_files', title: 'List files', procedure: 'repositories.tree', description: 'Lists a directory of a repository at a branch, tag or commit.' },
  { name: 'kradle_read_file', title: 'Read a file', procedure: 'repositories.blob', description: 'Reads a file of a repository at a branch, tag or commit.' },
  { name: 'kradle_search_code', title: 'Search code', procedure: 'repositories.search', arguments: { limit: z.number().int().min(1).max(500).default(50) }, description: 'Finds text in the files of a repository, with path and line.' },
  { name: 'kradle_list_pull_requests', title: 'List pull requests', procedure: 'pulls.list', description: 'Lists pull requests, the newest first; open ones unless state says otherwise.' },
  { name: 'kradle_get_pull_request', title: 'Get a pull request', procedure: 'pulls.get', description: 'Reads a pull request, its status up to date: mergeability, reviews, and what still blocks the merge.' },
  { name: 'kradle_pull_request_diff', title: 'Diff of a pull request', procedure: 'pulls.diff', description: 'The changes of a pull request. Name a path for one file; page with after.' },
  { name: 'kradle_create_pull_request', title: 'Open a pull request', procedure: 'pulls.create', description: 'Opens a pull request from a branch that is pushed, to the repository or to a fork of it (sourceRepository).' },
  { name: 'kradle_update_pull_request', title: 'Edit a pull request', procedure: 'pulls.update', destructive: true, idempotent: true, description: 'Edits title, body, target branch, labels and assignees of a pull request, marks it as draft or ready, closes or reopens it. Labels and assignees are given whole.' },
  { name: 'kradle_review_pull_request', title: 'Review a pull request', procedure: 'pulls.addReview', description: 'Approves a pull request, asks for changes, or comments, also on lines.' },
  { name: 'kradle_pull_request_reviews', title: 'Reviews of a pull request', procedure: 'pulls.reviews', description: 'Reviews and conversations of a pull request, each with its place in the present change and whether it is outdated, and what its suggestions are.' },
  { name: 'kradle_request_review', title: 'Ask for reviews', procedure: 'pulls.requestReview', description: 'Asks users, team/NAME or agent/NAME to review a pull request, or to look again.' },
  { name: 'kradle_apply_suggestions', title: 'Apply suggestions', procedure: 'pulls.applySuggestions', destructive: true, description: 'Commits the suggestions of review comments to the source branch, in one commit with their authors as co-authors.' },
  { name: 'kradle_update_pull_request_branch', title: 'Update a branch', procedure: 'pulls.updateBranch', destructive: true, description: 'Brings the target branch into the source branch of a pull request, by a merge or a rebase.' },
  { name: 'kradle_pull_request_conflicts', title: 'Conflicts of a pull request', procedure: 'pulls.conflicts', description: 'What conflicts between the branches of a pull request: base, ours (source), theirs (target), and what git could merge, with markers.' },
  { name: 'kradle_resolve_pull_request_conflicts', title: 'Resolve conflicts', procedure: 'pulls.resolveConflicts', destructive: true, description: 'Resolves the conflicts of a pull request by a merge commit on its source branch. Every conflicting file takes content, one side, or deletion.' },
  { name: 'kradle_set_auto_merge', title: 'Merge by itself', procedure: 'pulls.setAutoMerge', destructive: true, idempotent: true, description: 'Lets a pull request merge by itself, in your name, as soon as nothing keeps it from merging.' },
  { name: 'kradle_revert_pull_request', title: 'Revert a pull request', procedure: 'pulls.revert', description: 'Opens a pull request that takes a merged one back.' },
  { name: 'kradle_merge_pull_request', title: 'Merge a pull request', procedure: 'pulls.merge', destructive: true, idempotent: false, description: 'Merges a pull request. Branch protection decides as for everybody. Send expectedHeadSha so that nothing is merged that you have not seen.' },
];
