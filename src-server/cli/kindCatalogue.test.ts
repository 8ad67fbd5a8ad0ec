import { describe, expect, it } from 'vitest';
import { createKindCatalogue, type KindInfo } from './kindCatalogue';

const kind: KindInfo = {
  kind: 'PullRequest', plural: 'pullrequests', singular: 'pullrequest', shortNames: ['pr'], aliases: ['MergeRequest'], title: 'Pull requests',
  context: 'forge', purpose: '', placement: 'org', columns: [], authored: true, schema: {},
};
const catalogue = createKindCatalogue([kind]);

describe('createKindCatalogue', () => {
  it.each(['PullRequest', 'pullrequests', 'pullrequest', 'PR', 'mergerequest'])('finds %s', (name) => {
    expect(catalogue.find(name)).toBe(kind);
  });

  it('answers an unknown name with the near one', () => {
    expect(() => catalogue.find('pulrequest')).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/Did you mean pullrequest\?/i) as string }));
    expect(() => catalogue.find('zebra')).toThrow('There is no kind "zebra".');
  });
});
