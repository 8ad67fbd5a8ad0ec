import { createHash } from 'node:crypto';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { KradleArtifact } from '#shared/kinds/agents/kradleArtifact';
import type { Endpoint } from '../../http/endpoint';
import { noteSensitiveRead } from '../../resources/auditTrail';
import type { AgentsContext } from './agentsContext';
import type { BlobStore } from '../../store/blobStore';
import { artifactName, attemptName } from './runNames';
import type { ArtifactReport } from './runnerProtocol';
import type { Run } from './runState';
import { unsafeFileWarnings } from './unsafeFiles';

export type Artifact = ObjectOf<typeof KradleArtifact>;

/** Records an artifact whose bytes are stored, and answers its name. `BadRequest` when there is no blob of that digest. */
export async function storeArtifact(ctx: AgentsContext, org: string, { run, report }: { run: Run; report: ArtifactReport }): Promise<string> {
  if (!(await ctx.blobs.has(report.digest))) throw new StatusError('BadRequest', `There is no blob ${report.digest}: upload it first`, { causes: [{ code: 'FieldValueNotFound', field: 'digest', message: 'must be the digest of an uploaded blob' }] });
  const name = artifactName(run.metadata.name, report.attempt, report.kind);
  const { patch } = report;
  try {
    await ctx.resources.create(KradleArtifact, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        dispatchRun: run.metadata.name,
        attempt: attemptName(run.metadata.name, report.attempt),
        kind: report.kind,
        digest: report.digest,
        sizeBytes: report.sizeBytes,
        mediaType: report.mediaType,
        fileName: report.fileName,
        producer: run.spec.agentStack,
        redactionStatus: report.redacted === true ? 'redacted' : 'none',
        ...(report.inlineSummary === undefined ? {} : { inlineSummary: report.inlineSummary }),
        ...(patch === undefined
          ? {}
          : {
              patch: {
                ...patch,
                ...(run.spec.ref === undefined ? {} : { baseRef: run.spec.ref }),
                ...(run.spec.branch === undefined ? {} : { targetBranch: run.spec.branch }),
                unsafeFileWarnings: unsafeFileWarnings(patch.files.map(({ path }) => path)),
                applyStrategy: 'pull-request' as const,
              },
            }),
      },
      status: { phase: 'Stored', validation: 'Valid' },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
  await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status) => {
    const others = (status.artifacts ?? []).filter((each) => each.name !== name);
    status.artifacts = [...others, { kind: report.kind, name, digest: report.digest, sizeBytes: report.sizeBytes }];
  });
  return name;
}

/** Reads the whole content again and compares: a digest that was right once says nothing about a disk. */
export async function hasDigest(blobs: BlobStore, digest: string): Promise<boolean> {
  const blob = await blobs.open(digest);
  if (blob === undefined) return false;
  const hash = createHash('sha256');
  for await (const chunk of blob.stream as AsyncIterable<Buffer>) hash.update(chunk);
  return `sha256:${hash.digest('hex')}` === digest;
}

/** Serves the bytes of an artifact. */
export function createArtifactEndpoint(ctx: AgentsContext): Endpoint {
  return {
    methods: ['GET', 'HEAD'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/agents\/artifacts\/(?<name>[^/]+)\/content$/,
    openapi: { path: '/api/orgs/{org}/agents/artifacts/{name}/content', summary: 'The bytes of an artifact', tags: ['Agents'], answers: 'application/octet-stream' },
    async handle({ res, req, params, actor }) {
      const { org = '', name = '' } = params;
      const resources = ctx.resources.as(actor);
      const { spec, status } = await resources.get(KradleArtifact, { org, name });
      await resources.get(AgentDispatchRun, { org, name: spec.dispatchRun });
      await noteSensitiveRead(actor, { verb: 'read-artifact', kind: KradleArtifact.names.kind, org, name });
      // A record of an artifact elsewhere names bytes that were never stored for it: they may be another's.
      const blob = status?.phase === 'Stored' ? await ctx.blobs.open(spec.digest) : undefined;
      if (blob === undefined) throw new StatusError('NotFound', 'The content of this artifact is not stored any more');
      res.writeHead(200, {
        // Agents wrote it: never shown as a page of this origin.
        'content-type': spec.mediaType?.startsWith('text/') === true ? 'text/plain; charset=utf-8' : 'application/octet-stream',
        'content-length': blob.sizeBytes,
        'content-disposition': `attachment; filename="${(spec.fileName ?? name).replace(/[^\w.-]/g, '_')}"`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': 'sandbox',
        etag: `"${spec.digest}"`,
      });
      if (req.method === 'HEAD') {
        blob.stream.destroy();
        res.end();
        return;
      }
      await new Promise<void>((resolve) => {
        blob.stream.once('error', () => res.destroy());
        res.once('close', () => {
          blob.stream.destroy();
          resolve();
        });
        blob.stream.pipe(res);
      });
    },
  };
}
