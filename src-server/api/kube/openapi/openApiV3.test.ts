import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { allKinds } from '#shared/kinds/index';
import { createKubeResources } from '../kubeResources';
import { groupVersionOf, servedVersions } from '../servedVersions';
import { openApiV3 } from './openApiV3';

const versions = servedVersions(createKubeResources(createKindRegistry(allKinds)));

describe('openApiV3', () => {
  it.each(versions.map((version) => [groupVersionOf(version), version] as const))('of %s is valid OpenAPI', async (_, version) => {
    const document = await openApiV3(version, '1.2.3');
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });
});
