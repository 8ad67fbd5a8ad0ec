import type { StatusCause } from '#shared/api/status';
import { closest } from '#shared/kind/closest';
import type { AnyKind, ObjectOf } from '#shared/kind/defineKind';
import { durationMs } from '#shared/kind/durations';
import { isPlainObject } from '#shared/kind/paths';
import { ExternalBackendBinding } from '#shared/kinds/external/externalBackendBinding';
import { ExternalBackendProvider } from '#shared/kinds/external/externalBackendProvider';
import { ExternalBackendSyncPolicy } from '#shared/kinds/external/externalBackendSyncPolicy';
import { EXTERNAL_INTERFACES, WRITING_MODES, type ExternalInterface } from '#shared/kinds/external/externalFields';
import { ExternalObjectLink } from '#shared/kinds/external/externalObjectLink';
import { ExternalProviderCapabilityManifest } from '#shared/kinds/external/externalProviderCapabilityManifest';
import { ExternalSyncConflict } from '#shared/kinds/external/externalSyncConflict';
import { ExternalSyncEvent } from '#shared/kinds/external/externalSyncEvent';
import { ExternalSyncState } from '#shared/kinds/external/externalSyncState';
import { ExternalWebhookDelivery } from '#shared/kinds/external/externalWebhookDelivery';
import { ExternalWriteIntent } from '#shared/kinds/external/externalWriteIntent';
import { CUSTOM_PROVIDER_TYPE, findProviderType, PROVIDER_TYPES } from '#shared/kinds/external/providerTypes';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { withExternalLabels } from './externalLabels';
import { bindingCauses, findProvider, interfaceCauses, namespaceCauses } from './externalRules';
import { followSource } from './followSource';
import { secretValuePaths } from './secretValues';

/** Rules of external backends between fields and between objects. Source: seeds, 004-external-backend-crds, "Validation rules". */
export function externalStrategies(): readonly AnyStrategy[] {
  return [
    providerStrategy, bindingStrategy, syncPolicyStrategy, writeIntentStrategy,
    ...[ExternalProviderCapabilityManifest, ExternalWebhookDelivery, ExternalSyncEvent, ExternalSyncState, ExternalSyncConflict, ExternalObjectLink].map((kind: AnyKind) => recordStrategy(kind)),
  ];
}

const providerStrategy = defineStrategy<typeof ExternalBackendProvider>({
  kind: ExternalBackendProvider,
  prepare({ metadata, spec }, { current }) {
    for (const source of ['apiBaseUrl', 'baseUrl']) Object.assign(spec, followSource(spec, current?.spec, { field: 'endpoint', source }));
    if (typeof spec.providerType === 'string') {
      const endpoint = findProviderType(spec.providerType)?.endpoint;
      if (endpoint !== undefined) spec.endpoint ??= endpoint;
    }
    metadata.labels = withExternalLabels(metadata.labels, { provider: metadata.name });
  },
  validate: ({ spec }, { org }) => [
    ...providerTypeCauses(spec),
    ...namespaceCauses('spec.authRef.secretRef.namespace', spec.authRef?.secretRef?.namespace, org),
    ...namespaceCauses('spec.webhook.secretRef.namespace', spec.webhook?.secretRef?.namespace, org),
  ],
});

function providerTypeCauses(spec: ObjectOf<typeof ExternalBackendProvider>['spec']): StatusCause[] {
  const type = findProviderType(spec.providerType);
  if (type === undefined) {
    const names = PROVIDER_TYPES.map((each) => each.providerType);
    const near = closest(spec.providerType, names);
    const instead = near === undefined ? `it must be one of ${names.join(', ')}` : `did you mean "${near}"?`;
    return [{ code: 'FieldValueNotSupported', field: 'spec.providerType', message: `spec.providerType is "${spec.providerType}"; ${instead} Another provider is "${CUSTOM_PROVIDER_TYPE}" with an adapterRef` }];
  }
  const causes: StatusCause[] = [];
  if (type.providerType === CUSTOM_PROVIDER_TYPE && spec.adapterRef === undefined) {
    causes.push({ code: 'FieldValueRequired', field: 'spec.adapterRef', message: 'spec.adapterRef is required for a provider of type custom: name the adapter that speaks to it' });
  }
  for (const name of EXTERNAL_INTERFACES) {
    if (spec.capabilities?.[name] === true && !type.interfaces.includes(name)) {
      causes.push({ code: 'FieldValueNotSupported', field: `spec.capabilities.${name}`, message: `${type.title} does not have ${name}; it has ${type.interfaces.join(', ')}` });
    }
  }
  causes.push(...oneOf('spec.hosting', spec.hosting, type.hosting), ...oneOf('spec.authRef.mode', spec.authRef?.mode, type.authModes));
  if (spec.webhook?.enabled === true && spec.webhook.secretRef === undefined && type.webhookSignature !== 'jwt') {
    causes.push({ code: 'FieldValueRequired', field: 'spec.webhook.secretRef', message: `spec.webhook.secretRef is required: deliveries of ${type.title} are verified with a Secret` });
  }
  return causes;
}

const bindingStrategy = defineStrategy<typeof ExternalBackendBinding>({
  kind: ExternalBackendBinding,
  prepare({ metadata, spec }) {
    metadata.labels = withExternalLabels(metadata.labels, labelsOf(spec));
  },
  async validate({ spec }, { org, resources }) {
    const causes = [
      ...namespaceCauses('spec.credentialRef.namespace', spec.credentialRef?.namespace, org),
      ...namespaceCauses('spec.targetRef.namespace', spec.targetRef?.namespace, org),
    ];
    const found = await findProvider(resources, org, spec.providerRef);
    if (found === undefined) return causes;
    for (const name of EXTERNAL_INTERFACES) {
      const bound = spec.interfaces[name];
      if (bound?.enabled !== true) continue;
      causes.push(...interfaceCauses(`spec.interfaces.${name}`, name, found));
      const operations = found.manifest?.spec.capabilities[name]?.operations;
      if (WRITING_MODES.includes(bound.mode) && operations !== undefined && !operations.some((operation) => operation.writes)) {
        causes.push({ code: 'FieldValueNotSupported', field: `spec.interfaces.${name}.mode`, message: `spec.interfaces.${name}.mode is "${bound.mode}", but the provider "${spec.providerRef}" can only be read from; use "read-only" or "external-owned"` });
      }
    }
    return causes;
  },
});

const syncPolicyStrategy = defineStrategy<typeof ExternalBackendSyncPolicy>({
  kind: ExternalBackendSyncPolicy,
  prepare({ metadata, spec }, { current }) {
    Object.assign(spec, followSource(spec, current?.spec, { field: 'syncInterval', source: 'backfill.interval' }));
    metadata.labels = withExternalLabels(metadata.labels, labelsOf(spec));
  },
  validate: ({ spec: { syncInterval, backfill, retryPolicy } }) => [
    ...orderCauses('spec.backfill.fullResyncInterval', backfill?.fullResyncInterval, { field: 'syncInterval', least: syncInterval }),
    ...orderCauses('spec.retryPolicy.maxBackoff', retryPolicy?.maxBackoff, { field: 'initialBackoff', least: retryPolicy?.initialBackoff }),
  ],
});

const writeIntentStrategy = defineStrategy<typeof ExternalWriteIntent>({
  kind: ExternalWriteIntent,
  prepare({ metadata, spec }) {
    metadata.labels = withExternalLabels(metadata.labels, labelsOf(spec));
  },
  async validate({ spec }, { org, resources }) {
    const causes = [
      ...(['resourceRef', 'target'] as const).flatMap((key) => (spec[key]?.kind === 'Secret' ? [secretCause(`spec.${key}`)] : [])),
      ...(['payload', 'nativeTarget', 'requestPreview'] as const).flatMap((key) => secretValuePaths(spec[key], `spec.${key}`).map(secretCause)),
      ...(await bindingCauses(resources, org, spec)),
    ];
    const found = await findProvider(resources, org, spec.providerRef);
    if (found === undefined || spec.interface === undefined) return causes;
    const operations = found.manifest?.spec.capabilities[spec.interface]?.operations?.map((operation) => operation.name);
    if (operations !== undefined && !operations.includes(spec.operation)) {
      causes.push({ code: 'FieldValueNotSupported', field: 'spec.operation', message: `spec.operation is "${spec.operation}", which the provider "${spec.providerRef}" does not have; its operations are ${operations.join(', ') || 'none'}` });
    }
    return [...causes, ...interfaceCauses('spec.interface', spec.interface, found)];
  },
});

/** The rules of what Kradle records: labels to find it by, and a binding of the same provider. */
function recordStrategy(kind: AnyKind): AnyStrategy {
  return {
    kind,
    prepare({ metadata, spec }) {
      metadata.labels = withExternalLabels(metadata.labels, labelsOf(spec));
    },
    async validate({ spec }, { org, resources }) {
      const { providerRef, bindingRef, interface: name } = spec as { providerRef: string; bindingRef?: string; interface?: ExternalInterface };
      const found = name === undefined ? undefined : await findProvider(resources, org, providerRef);
      return [
        ...(await bindingCauses(resources, org, { providerRef, bindingRef })),
        ...(found === undefined || name === undefined ? [] : interfaceCauses('spec.interface', name, found)),
      ];
    },
  };
}

/** Read before validation: any field may be missing or of a wrong type. */
function labelsOf(spec: object): Parameters<typeof withExternalLabels>[1] {
  const { providerRef, interface: name, external, externalRef, nativeTarget, source, targetRef, normalized } = spec as Record<string, unknown>;
  const places = [externalRef, nativeTarget, source].filter(isPlainObject);
  const first = (key: string): unknown => places.map((place) => place[key]).find((value) => typeof value === 'string');
  const boundRepository = isPlainObject(targetRef) && targetRef.kind === 'Repository' ? targetRef.name : undefined;
  return {
    provider: providerRef,
    interface: name ?? (isPlainObject(external) ? external.interface : undefined),
    repository: boundRepository ?? first('repository') ?? (isPlainObject(normalized) ? normalized.repository : undefined),
    'external-owner': first('owner'),
  };
}

/** The longer of two durations is not the shorter one. */
function orderCauses(field: string, value: string | undefined, other: { field: string; least: string | undefined }): StatusCause[] {
  if (durationMs(value, Number.POSITIVE_INFINITY) >= durationMs(other.least, 0)) return [];
  return [{ code: 'FieldValueInvalid', field, message: `${field} is ${value ?? ''}; it must be at least ${other.field}, ${other.least ?? ''}` }];
}

function secretCause(field: string): StatusCause {
  return { code: 'FieldValueForbidden', field, message: `${field} holds a secret or asks for one; credentials are the provider's, and never part of what is written` };
}

function oneOf(field: string, value: string | undefined, allowed: readonly string[]): StatusCause[] {
  if (value === undefined || allowed.length === 0 || allowed.includes(value)) return [];
  return [{ code: 'FieldValueNotSupported', field, message: `${field} is "${value}"; it must be ${allowed.map((each) => `"${each}"`).join(' or ')}` }];
}
