/** What a run looks like after folding its events: the shape that the run page draws and that the transcript is made from. */

export type MessageRole = 'user' | 'assistant' | 'thought';

/** Any content block but text, as the agent sent it (ACP `ContentBlock`: image, audio, resource, resource_link). */
export interface RunBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface RunItemBase {
  /** Unique within the view and stable while events arrive: a React key. */
  readonly id: string;
  /** Seq of the event that made the item; a link to it. */
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  /** Execution attempt that it belongs to, as the event ids carry it; `server` for the server's own events. */
  readonly attempt: string;
}

export interface RunMessageItem extends RunItemBase {
  readonly type: 'message';
  readonly role: MessageRole;
  /** The agent's own id of the message, if it gives one. */
  readonly messageId?: string;
  readonly text: string;
  readonly blocks: readonly RunBlock[];
  readonly updatedAt: string;
  /** Text was left out because the message is longer than the limit. */
  readonly truncated: boolean;
}

export type ToolStatus = 'pending' | 'in_progress' | 'completed' | 'failed';

/** Content of a tool call, as the agent sent it. */
export type ToolContent =
  | { readonly type: 'content'; readonly block: RunBlock }
  | { readonly type: 'diff'; readonly path: string; readonly oldText?: string; readonly newText: string }
  | { readonly type: 'terminal'; readonly terminalId: string };

export interface RunToolItem extends RunItemBase {
  readonly type: 'tool';
  readonly toolCallId: string;
  readonly title: string;
  /** ACP tool kind: read, edit, delete, move, search, execute, think, fetch, switch_mode, other. */
  readonly kind: string;
  readonly status: ToolStatus;
  readonly content: readonly ToolContent[];
  readonly locations: readonly { readonly path: string; readonly line?: number }[];
  readonly rawInput?: unknown;
  readonly rawOutput?: unknown;
  /** Terminal output that was streamed for this call; the last part when `outputTruncated`. */
  readonly output: string;
  readonly outputTruncated: boolean;
  readonly exitCode?: number;
  readonly updatedAt: string;
  /** RFC 3339; set when the status became completed or failed. */
  readonly endedAt?: string;
}

export interface PermissionOptionView {
  readonly optionId: string;
  readonly name: string;
  readonly kind: string;
}

export interface RunPermissionItem extends RunItemBase {
  readonly type: 'permission';
  /** Name of the AgentApproval. */
  readonly approval: string;
  readonly requestId: string;
  /** As the agent sent it (ACP `ToolCallUpdate`). */
  readonly toolCall: Readonly<Record<string, unknown>>;
  readonly options: readonly PermissionOptionView[];
  /** Absent while it waits for an answer. */
  readonly outcome?: 'selected' | 'cancelled';
  readonly optionId?: string;
  readonly by?: string;
  readonly resolvedAt?: string;
}

/** Output of a command adapter, or the agent's standard error; consecutive pieces are one item. */
export interface RunOutputItem extends RunItemBase {
  readonly type: 'output';
  readonly stream: 'stdout' | 'stderr';
  /** May hold ANSI escapes. */
  readonly text: string;
  readonly truncated: boolean;
  readonly updatedAt: string;
}

export interface RunNoticeItem extends RunItemBase {
  readonly type: 'notice';
  readonly level: 'info' | 'error';
  /** Stable word of an error. */
  readonly reason?: string;
  readonly message: string;
}

export interface RunPhaseItem extends RunItemBase {
  readonly type: 'phase';
  readonly phase: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface RunTurnItem extends RunItemBase {
  readonly type: 'turn';
  readonly stopReason: string;
}

export interface RunCommitItem extends RunItemBase {
  readonly type: 'commit';
  readonly sha: string;
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

export interface RunArtifactItem extends RunItemBase {
  readonly type: 'artifact';
  readonly kind: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** Name of the KradleArtifact. */
  readonly name?: string;
}

export type RunItem =
  | RunMessageItem
  | RunToolItem
  | RunPermissionItem
  | RunOutputItem
  | RunNoticeItem
  | RunPhaseItem
  | RunTurnItem
  | RunCommitItem
  | RunArtifactItem;

export interface PlanEntryView {
  readonly content: string;
  readonly priority: string;
  readonly status: string;
}

export interface RunUsageView {
  /** Tokens in the context window now, and its size. */
  readonly contextUsed?: number;
  readonly contextSize?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  /** What the agent says it cost, in US dollars. */
  readonly costUsd?: number;
}

export interface RunView {
  /** Highest seq that was folded in. */
  readonly lastSeq: number;
  readonly eventCount: number;
  /** In the order of their first event. */
  readonly items: readonly RunItem[];
  /** The agent's present plan. */
  readonly plan: readonly PlanEntryView[];
  readonly usage: RunUsageView;
  /** Latest phase that the events tell; the run's status is the truth. */
  readonly phase?: { readonly phase: string; readonly reason?: string; readonly message?: string };
  readonly agent?: { readonly name?: string; readonly title?: string; readonly version?: string; readonly protocolVersion?: number };
  readonly session?: { readonly id: string; readonly cwd?: string; readonly title?: string; readonly mode?: string };
  /** The agent's slash commands. */
  readonly commands: readonly { readonly name: string; readonly description?: string }[];
  /** Positions in `items` of the permission requests that wait for an answer. */
  readonly openPermissions: readonly number[];
  /** Position in `items` by tool call id: the latest of that id. */
  readonly toolIndex: ReadonlyMap<string, number>;
  /** Position in `items` by the agent's request id, with its attempt. */
  readonly permissionIndex: ReadonlyMap<string, number>;
}

/** How much text a view keeps. Lengths are in UTF-16 units. */
export interface RunViewLimits {
  /** Of one message; what comes after is dropped. */
  readonly messageLength: number;
  /** Of one tool call's or command's output; the last part stays. */
  readonly outputLength: number;
  /** Items; further ones are dropped, and only counted events tell of them. */
  readonly items: number;
}

export const DEFAULT_RUN_VIEW_LIMITS: RunViewLimits = { messageLength: 2 * 1024 * 1024, outputLength: 512 * 1024, items: 200_000 };
