import { describe, expect, it } from 'vitest';
import { foreignKinds } from '#shared/kinds/foreignKinds';
import { createKindCatalogue, type KindInfo } from './kindCatalogue';

const kind: KindInfo = {
  kind: 'PullRequest', plural: 'pullrequests', singular: 'pullrequest', shortNames: ['pr'], aliases: ['MergeRequest'], title: 'Pull requests',
  apiVersion: 'kradle.a5c.ai/v1alpha1', context: 'forge', purpose: '', placement: 'org', storage: 'aggregated', columns: [], authored: true,
};
const catalogue = createKindCatalogue({ items: [kind], foreign: foreignKinds });

describe('createKindCatalogue', () => {
  it.each(['PullRequest', 'pullrequests', 'pullrequest', 'PR', 'mergerequest'])('finds %s', (name) => {
    expect(catalogue.find(name)).toBe(kind);
  });

  it('answers an unknown name with the near one', () => {
    expect(() => catalogue.find('pulrequest')).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/Did you mean pullrequest\?/i) as string }));
    expect(() => catalogue.find('zebra')).toThrow('There is no kind "zebra".');
  });

  it('says of a foreign kind that a cluster has it', () => {
    expect(() => catalogue.find('application')).toThrow(expect.objectContaining({ exitCode: 1, message: expect.stringContaining('Application of core.oam.dev belongs to cluster mode') as string }));
    expect(catalogue.findForeign('policies').map((each) => each.kind)).toEqual(['KubeVelaPolicy', 'KyvernoPolicy']);
  });
});
