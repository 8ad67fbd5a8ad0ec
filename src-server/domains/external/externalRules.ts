import type { StatusCause } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { orgNamespace } from '#shared/kind/names';
import { ExternalBackendBinding } from '#shared/kinds/external/externalBackendBinding';
import { ExternalBackendProvider } from '#shared/kinds/external/externalBackendProvider';
import { EXTERNAL_INTERFACES, type ExternalInterface } from '#shared/kinds/external/externalFields';
import { ExternalProviderCapabilityManifest } from '#shared/kinds/external/externalProviderCapabilityManifest';
import { findProviderType } from '#shared/kinds/external/providerTypes';
import type { ResourceClient } from '../../resources/resourceClient';

type Provider = ObjectOf<typeof ExternalBackendProvider>;
type Manifest = ObjectOf<typeof ExternalProviderCapabilityManifest>;

/** Interfaces that a provider has: those of its type, less what its own declaration or its manifest takes away. */
export function interfacesOf(provider: Pick<Provider, 'spec'>, manifest?: Pick<Manifest, 'spec'>): ExternalInterface[] {
  const { providerType, capabilities } = provider.spec;
  const known = findProviderType(providerType)?.interfaces ?? EXTERNAL_INTERFACES;
  return known.filter((name) => (capabilities === undefined || capabilities[name] === true) && manifest?.spec.capabilities[name]?.supported !== false);
}

/** A provider and what it was found to be able to do; undefined while there is no such provider. */
export async function findProvider(resources: ResourceClient, org: string, name: string): Promise<{ provider: Provider; manifest: Manifest | undefined } | undefined> {
  const provider = await resources.find(ExternalBackendProvider, { org, name });
  if (provider === undefined) return undefined;
  const { items } = await resources.list(ExternalProviderCapabilityManifest, { org, fieldSelector: `spec.providerRef=${name}` });
  return { provider, manifest: items[0] };
}

/** An interface that something uses has to be one that its provider has. */
export function interfaceCauses(field: string, name: ExternalInterface, opts: { provider: Provider; manifest: Manifest | undefined }): StatusCause[] {
  const has = interfacesOf(opts.provider, opts.manifest);
  if (has.includes(name)) return [];
  const instead = has.length === 0 ? 'it has none' : `it has ${has.join(', ')}`;
  return [{ code: 'FieldValueNotSupported', field, message: `${field}: the provider "${opts.provider.metadata.name}" does not have ${name}; ${instead}` }];
}

/** A binding that something names has to be one of the same provider. */
export async function bindingCauses(resources: ResourceClient, org: string, spec: { providerRef: string; bindingRef?: string | undefined }): Promise<StatusCause[]> {
  if (spec.bindingRef === undefined) return [];
  const binding = await resources.find(ExternalBackendBinding, { org, name: spec.bindingRef });
  if (binding === undefined || binding.spec.providerRef === spec.providerRef) return [];
  return [{ code: 'FieldValueInvalid', field: 'spec.bindingRef', message: `spec.bindingRef names a binding of the provider "${binding.spec.providerRef}"; it must be one of "${spec.providerRef}"` }];
}

/** What is named by namespace has to be in the organization's own, whichever way older documents spell it. */
export function namespaceCauses(field: string, namespace: string | undefined, org: string): StatusCause[] {
  const own = orgNamespace(org);
  if (namespace === undefined || namespace === own || namespace === own.replace(/^kradle-/, 'krate-')) return [];
  return [{ code: 'FieldValueForbidden', field, message: `${field} must be "${own}", the organization's own namespace, or be left out` }];
}
