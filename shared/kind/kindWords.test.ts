import { describe, expect, it } from 'vitest';
import { inSentence, singularTitle, withArticle } from './kindWords';

describe('words for one of a kind', () => {
  it.each([
    ['Trigger rules', 'Trigger rule', 'a trigger rule'], ['Approvals', 'Approval', 'an approval'], ['Memory queries', 'Memory query', 'a memory query'],
    ['Linked identities', 'Linked identity', 'a linked identity'], ['SSH keys', 'SSH key', 'an SSH key'], ['MCP servers', 'MCP server', 'an MCP server'],
    ['Users', 'User', 'a user'], ['Audit log', 'Audit log', 'an audit log'], ['Feed access', 'Feed access', 'a feed access'], ['Boxes', 'Box', 'a box'],
    ['Branches', 'Branch', 'a branch'], ['Issues', 'Issue', 'an issue'], ['Workspaces', 'Workspace', 'a workspace'], ['CI jobs', 'CI job', 'a CI job'],
    ['External bindings', 'External binding', 'an external binding'], ['Universes', 'Universe', 'a universe'],
  ])('%s: %s, %s', (title, singular, inWords) => {
    expect(singularTitle(title)).toBe(singular);
    expect(withArticle(inSentence(singular))).toBe(inWords);
  });
});
