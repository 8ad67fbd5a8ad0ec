import { describe, expect, it } from 'vitest';
import { formFields } from '#shared/kind/form';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { Review } from '#shared/kinds/forge/review';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { checkForm, elementFields, errorOf, initialObject, setField, unplacedErrors } from './formState';

const rule = formFields(BranchProtection);
const stack = formFields(AgentStack);
const review = formFields(Review);

describe('a new object', () => {
  it('starts with the defaults of its kind and nothing else', () => {
    expect(initialObject(rule).spec).toEqual({
      requirePullRequest: true, requiredApprovals: 0, dismissStaleReviews: false, requireConversationResolution: false,
      allowForcePush: false, allowDeletion: false, enforceAdmins: true, requireLinearHistory: false, countRequesterApprovals: false, countAgentApprovals: false,
      requireUpToDate: false, requireLastPushApproval: false, requireCodeOwnerReview: false, requireSignedCommits: false,
    });
  });

  it('lacks what its kind requires', () => {
    expect(checkForm(initialObject(rule), rule)).toEqual({ 'spec.refs': 'is required' });
  });
});

describe('setField', () => {
  it('leaves out what is emptied, with the groups that hold nothing any more', () => {
    const filled = setField(initialObject(stack), 'spec.prompt.system', 'Be brief');
    expect(filled.spec.prompt).toEqual({ system: 'Be brief' });
    expect(setField(filled, 'spec.prompt.system', '').spec).not.toHaveProperty('prompt');
  });

  it('keeps false and zero: they are something', () => {
    const object = setField(setField(initialObject(rule), 'spec.enforceAdmins', false), 'spec.requiredApprovals', 0);
    expect(object.spec).toMatchObject({ enforceAdmins: false, requiredApprovals: 0 });
  });
});

describe('checkForm', () => {
  it('says which field is wrong and how', () => {
    const object = setField(setField(initialObject(rule), 'spec.refs', ['main']), 'spec.requiredApprovals', 11);
    expect(checkForm(object, rule)).toEqual({ 'spec.requiredApprovals': 'must be at most 10' });
  });

  it('checks the elements of a list by their own paths', () => {
    const object = { metadata: {}, spec: { pullRequest: 'a-1', comments: [{ id: '1', path: 'a.ts', body: 'x' }, { id: '2', path: 'a.ts' }] } };
    expect(checkForm(object, review)).toEqual({ 'spec.comments[1].body': 'is required' });
  });
});

it('makes the paths of a list element concrete', () => {
  const comments = review.find((field) => field.path === 'spec.comments');
  if (comments === undefined) throw new Error('Review has no comments');
  expect(elementFields(comments, 3).map((field) => field.path)).toContain('spec.comments[3].body');
});

describe("the server's errors", () => {
  it('land on the field, also when they are about something inside it', () => {
    const refs = rule.find((field) => field.path === 'spec.refs');
    if (refs === undefined) throw new Error('BranchProtection has no refs');
    expect(errorOf({ 'spec.refs[1]': 'is no pattern' }, refs)).toBe('[1] is no pattern');
  });

  it('that have no field here are said at the top', () => {
    const errors = { 'spec.refs': 'a', 'metadata.name': 'b', 'spec.organizationRef': 'c', '': 'd', 'spec.refs[0]': 'e' };
    expect(unplacedErrors(errors, rule).map(([path]) => path)).toEqual(['spec.organizationRef', '']);
  });
});
