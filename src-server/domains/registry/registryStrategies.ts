import type { StatusCause } from '#shared/api/status';
import { ArtifactAccessPolicy } from '#shared/kinds/registry/artifactAccessPolicy';
import { ArtifactDownload } from '#shared/kinds/registry/artifactDownload';
import { ArtifactFeed } from '#shared/kinds/registry/artifactFeed';
import { ArtifactRegistry } from '#shared/kinds/registry/artifactRegistry';
import { ArtifactVersion } from '#shared/kinds/registry/artifactVersion';
import { expiryCauses } from '../../resources/expiryCauses';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** Rules of package registries between fields and between objects. */
export function registryStrategies(): readonly AnyStrategy[] {
  return [registryStrategy, feedStrategy, accessPolicyStrategy, versionStrategy, downloadStrategy];
}

const registryStrategy = defineStrategy<typeof ArtifactRegistry>({
  kind: ArtifactRegistry,
  prepare({ metadata, spec }) {
    spec.displayName ??= metadata.name;
  },
  validate: ({ spec: { storageBackend, storageConfig, externalIntegration } }) => [
    ...must('spec.storageConfig.bucket', storageBackend === 'internal' || storageConfig?.bucket !== undefined, `spec.storageConfig.bucket is required: say which bucket of ${storageBackend} the packages lie in`),
    ...must('spec.externalIntegration.provider', externalIntegration === undefined || externalIntegration.provider !== undefined, 'spec.externalIntegration.provider is required: say which outside registry it is'),
  ],
});

const feedStrategy = defineStrategy<typeof ArtifactFeed>({
  kind: ArtifactFeed,
  prepare({ metadata, spec }) {
    spec.displayName ??= metadata.name;
  },
  validate: ({ spec: { accessPolicies = [] } }, ctx) => accessPolicies.flatMap(({ expiresAt }, index) => expiryCauses(`spec.accessPolicies[${index}].expiresAt`, expiresAt, ctx)),
});

const accessPolicyStrategy = defineStrategy<typeof ArtifactAccessPolicy>({
  kind: ArtifactAccessPolicy,
  validate: ({ spec: { expiresAt } }, ctx) => expiryCauses('spec.expiresAt', expiresAt, ctx),
});

const versionStrategy = defineStrategy<typeof ArtifactVersion>({
  kind: ArtifactVersion,
  prepare({ spec }, { operation, actor, now }) {
    if (operation !== 'create') return;
    spec.publishedBy ??= actor.name;
    spec.publishedAt ??= now;
  },
  async validate({ spec }, { org, operation, resources }) {
    // None of what follows changes afterwards: the kind says so.
    if (operation !== 'create') return [];
    const feed = await resources.find(ArtifactFeed, { org, name: spec.feedRef });
    const registry = feed === undefined ? undefined : await resources.find(ArtifactRegistry, { org, name: feed.spec.registryRef });
    const type = registry?.spec.type ?? spec.packageType;
    return [
      ...must('spec.packageType', spec.packageType === type, `spec.packageType is "${spec.packageType}"; the feed "${spec.feedRef}" is for packages of type "${type}"`),
      ...must('spec.version', spec.packageType !== 'npm' || SEMANTIC_VERSION.test(spec.version), `spec.version is "${spec.version}"; npm packages have semantic versions such as 1.4.0`),
    ];
  },
});

const downloadStrategy = defineStrategy<typeof ArtifactDownload>({
  kind: ArtifactDownload,
  prepare({ spec }, { operation, now }) {
    if (operation === 'create') spec.downloadedAt ??= now;
  },
});

/** Source: semver.org, "Is there a suggested regular expression", without its named groups. */
const SEMANTIC_VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

function must(field: string, holds: boolean, message: string): StatusCause[] {
  return holds ? [] : [{ code: 'FieldValueInvalid', field, message }];
}
