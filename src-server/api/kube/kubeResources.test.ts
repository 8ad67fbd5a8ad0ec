import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '#shared/kind/registry';
import { allKinds } from '#shared/kinds/index';
import { Box, Shelf, throwAwayRegistry } from '../../../test/harness/throwAwayKinds';
import { createKubeResources } from './kubeResources';

describe('createKubeResources', () => {
  const served = createKubeResources(throwAwayRegistry());

  it('serves every kind once in the present group, with short names and categories', () => {
    expect(served.inGroup('kradle.a5c.ai').map((each) => each.plural)).toEqual(['boxes', 'realms', 'shelves']);
    expect(served.find('kradle.a5c.ai', 'shelves')).toEqual({
      kind: Shelf, group: 'kradle.a5c.ai', apiVersion: 'kradle.a5c.ai/v1alpha1', kindName: 'Shelf', plural: 'shelves', singular: 'shelf',
      shortNames: ['sh'], categories: ['kradle', 'kradle-forge'], namespaced: true,
    });
    expect(served.find('kradle.a5c.ai', 'racks')).toBeUndefined();
  });

  it('serves present and older names in the older group, without short names and categories', () => {
    expect(served.inGroup('krate.a5c.ai').map((each) => each.plural)).toEqual(['boxes', 'racks', 'realms', 'shelves']);
    expect(served.find('krate.a5c.ai', 'racks')).toEqual({
      kind: Shelf, group: 'krate.a5c.ai', apiVersion: 'krate.a5c.ai/v1alpha1', kindName: 'Rack', plural: 'racks', singular: 'rack',
      shortNames: [], categories: [], namespaced: true,
    });
    expect(served.find('krate.a5c.ai', 'boxes')).toMatchObject({ kind: Box, kindName: 'Box', shortNames: [] });
  });

  it('knows no other group', () => {
    expect(served.groups).toEqual(['kradle.a5c.ai', 'krate.a5c.ai']);
    expect(served.inGroup('apps')).toEqual([]);
    expect(served.find('apps', 'shelves')).toBeUndefined();
  });

  it('refuses two names with one plural', () => {
    const Racks = { ...Box, names: { ...Box.names, kind: 'Pile', plural: 'racks', singular: 'pile' } };
    expect(() => createKubeResources(createKindRegistry([Shelf, Racks]))).toThrow('Rack and Pile are both served as racks.krate.a5c.ai');
  });

  it('serves every registered kind', () => {
    expect(createKubeResources(createKindRegistry(allKinds)).inGroup('kradle.a5c.ai')).toHaveLength(allKinds.length);
  });
});
