import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_ARTIFACT_BYTES, type ArtifactReport } from '../domains/agents/runnerProtocol';
import type { RedactionStream } from '../domains/agents/redaction/redactor';
import type { WorktreeChanges } from '../domains/agents/worktreePort';
import type { RunnerContext, TurnResult } from './runnerContext';

const MAX_LISTED_FILES = 3_000;
const SUMMARY_LENGTH = 4_000;

/** What became of the working folder. */
interface Work {
  readonly headSha: string;
  readonly changedFiles: number;
  readonly additions: number;
  readonly deletions: number;
}

/**
 * Hands in what the turn left: a commit on the run's branch, the patch and the diagnosis as artifacts, every event, and last the
 * callback. Each step may be repeated; the server's state changes only with the callback.
 */
export async function finishRun(ctx: RunnerContext, { turn, openWorktree, beforeCallback }: { turn: TurnResult; openWorktree: () => Promise<WorktreeChanges>; beforeCallback: () => void }): Promise<void> {
  const { assignment, outbox, observer, link, dismissed } = ctx;
  dismissed.throwIfAborted();
  const artifacts: { kind: string; digest: string }[] = [];
  let result = turn;
  let work: Work | undefined;
  try {
    const worktree = await openWorktree();
    try {
      work = await commitWork(ctx, worktree);
      if (work !== undefined) artifacts.push(await storePatch(ctx, worktree, work));
    } finally {
      worktree.close();
    }
  } catch (error) {
    if (dismissed.aborted) throw error;
    const message = `The work could not be taken out of the workspace ${assignment.workspacePath}: ${error instanceof Error ? error.message : String(error)}. The files are still there.`;
    result = turn.succeeded ? { succeeded: false, reason: 'WorkspaceFailed', message, retryable: true } : turn;
    outbox.push('runner.error', { reason: 'WorkspaceFailed', message });
  }
  if (result.succeeded && work === undefined && observer.messages === 0 && observer.toolCalls === 0) {
    result = {
      ...result,
      succeeded: false,
      reason: 'AgentEmptyTurn',
      message: 'The agent ended its turn without a message, a tool call or a change. That is most often a missing sign-in, an exhausted quota or an unknown model: start the agent once in a terminal, then retry.',
      retryable: true,
    };
  }
  const summary = ctx.granted.redactor.text(observer.closingMessage);
  if (summary !== '') artifacts.push(await storeDiagnosis(ctx, summary));
  if (result.reason !== undefined) outbox.push('runner.error', { reason: result.reason, message: result.message ?? '' });
  await outbox.drain();
  beforeCallback();
  await link.call('/callback', {
    signal: dismissed,
    json: {
      attempt: assignment.attempt,
      phase: result.succeeded ? 'Succeeded' : 'Failed',
      ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
      artifacts,
      ...(observer.costUsd === undefined ? {} : { costUsd: observer.costUsd }),
      usage: observer.usage,
      ...(result.message === undefined ? {} : { errorMessage: result.message }),
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      ...(result.retryable === undefined ? {} : { retryable: result.retryable }),
      ...(result.stopReason === undefined ? {} : { stopReason: result.stopReason }),
      ...(work ?? {}),
      ...(summary === '' ? {} : { summary: summary.slice(0, SUMMARY_LENGTH) }),
    },
  });
}

/** Undefined when the turn changed nothing. */
async function commitWork(ctx: RunnerContext, worktree: WorktreeChanges): Promise<Work | undefined> {
  const { assignment, outbox } = ctx;
  const { baseSha } = assignment;
  const { headSha } = await worktree.commitAll({
    branch: assignment.branch,
    message: `${assignment.title}\n\nKradle-Run: ${assignment.run}\n`,
    author: assignment.author,
  });
  if (headSha === baseSha) return undefined;
  const { totalFiles, additions, deletions } = await worktree.changedFiles({ baseSha, headSha, maxFiles: 1 });
  if (totalFiles === 0) return undefined;
  outbox.push('commit.created', { sha: headSha, files: totalFiles, additions, deletions });
  return { headSha, changedFiles: totalFiles, additions, deletions };
}

async function storePatch(ctx: RunnerContext, worktree: WorktreeChanges, work: Work): Promise<{ kind: string; digest: string }> {
  const { assignment, settings } = ctx;
  const { baseSha } = assignment;
  const { headSha } = work;
  const { files, totalFiles } = await worktree.changedFiles({ baseSha, headSha, maxFiles: MAX_LISTED_FILES });
  const file = join(settings.folder, `${assignment.attempt}.patch`);
  const { digest, sizeBytes, redactions } = await writeHashed(file, worktree.patch({ baseSha, headSha }), ctx.granted.redactor.byteStream());
  if (sizeBytes > MAX_ARTIFACT_BYTES) throw new Error(`the patch has ${sizeBytes} bytes; at most ${MAX_ARTIFACT_BYTES} are stored`);
  return storeArtifact(ctx, file, {
    attempt: assignment.attempt,
    kind: 'patch',
    digest,
    sizeBytes,
    mediaType: 'text/x-patch',
    fileName: `${assignment.run}.patch`,
    ...(redactions > 0 ? { redacted: true } : {}),
    patch: { baseSha, headSha, files, filesTruncated: totalFiles > files.length },
  });
}

async function storeDiagnosis(ctx: RunnerContext, text: string): Promise<{ kind: string; digest: string }> {
  const { assignment, settings } = ctx;
  const file = join(settings.folder, `${assignment.attempt}.md`);
  const content = Buffer.from(`${text}\n`);
  await writeFile(file, content, { mode: 0o600 });
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return storeArtifact(ctx, file, {
    attempt: assignment.attempt,
    kind: 'diagnosis',
    digest,
    sizeBytes: content.length,
    mediaType: 'text/markdown',
    fileName: `${assignment.run}.md`,
    inlineSummary: text.slice(0, SUMMARY_LENGTH),
  });
}

async function storeArtifact(ctx: RunnerContext, file: string, report: ArtifactReport): Promise<{ kind: string; digest: string }> {
  const { link, outbox, dismissed } = ctx;
  const stored = await link.call<{ digest: string }>('/runner/blobs', { method: 'PUT', body: () => createReadStream(file), signal: dismissed, timeoutMs: 600_000 });
  if (stored.digest !== report.digest) throw new Error(`the server stored ${stored.digest} instead of ${report.digest}`);
  const { name } = await link.call<{ name: string }>('/runner/artifacts', { json: report, signal: dismissed });
  outbox.push('artifact.stored', { kind: report.kind, digest: report.digest, sizeBytes: report.sizeBytes, name });
  return { kind: report.kind, digest: report.digest };
}

/** Writes a file without the values that were granted, and says how many there were. */
async function writeHashed(file: string, content: NodeJS.ReadableStream, redaction: RedactionStream): Promise<{ digest: string; sizeBytes: number; redactions: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const pass = (text: string): Buffer => {
    const bytes = Buffer.from(text, 'latin1');
    hash.update(bytes);
    sizeBytes += bytes.length;
    return bytes;
  };
  const measure = new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, pass(redaction.push(chunk.toString('latin1')))),
    flush: (done) => done(null, pass(redaction.end())),
  });
  await pipeline(content, measure, createWriteStream(file, { mode: 0o600 }));
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes, redactions: redaction.found };
}
