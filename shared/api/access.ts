/** What one may do, and why: the permission table and questions about it. */
import { z } from 'zod';
import { ORG_ROLES, REPOSITORY_ROLES, TOKEN_SCOPES } from '../access/roles';
import { objectName } from '../kind/objectMeta';
import { orgParam } from './paging';

/** Questions in one request. A page asks for all of its buttons at once. */
export const MAX_ACCESS_CHECKS = 200;

export const accessQuestion = z.object({
  verb: z.string().min(1).max(63).describe('get, list, watch, create, update, update-status, delete, or a verb of the kind: push, merge, dispatch, decide.'),
  kind: z.string().min(1).max(253).describe('Kind, plural or short name: pullrequests, pr.'),
  name: objectName.optional().describe('One object; absent: whether there may be any that you can do it to.'),
});

export const accessCheckInput = orgParam.extend({ checks: z.array(accessQuestion).min(1).max(MAX_ACCESS_CHECKS) });

export const accessAnswer = accessQuestion.extend({
  allowed: z.boolean(),
  rule: z.string().describe('Id of the row of the permission table, or of the limit, that decides.'),
  reason: z.string().optional().describe('Of a refusal: what it takes, what you have, and who can change that.'),
  title: z.string().optional().describe('The rule in words.'),
});
export const accessCheckOutput = z.object({ items: z.array(accessAnswer) });
export type AccessAnswer = z.output<typeof accessAnswer>;

const need = z.union([
  z.object({ org: z.enum(ORG_ROLES), own: z.literal(true).optional() }),
  z.object({ repository: z.enum(REPOSITORY_ROLES), own: z.literal(true).optional() }),
  z.object({ installation: z.literal(true) }),
]);

export const accessRolesOutput = z.object({
  roles: z.array(z.object({ name: z.enum(ORG_ROLES), title: z.string(), repositoryRole: z.enum(REPOSITORY_ROLES).optional() })).describe('From least to most; agent stands apart.'),
  repositoryRoles: z.array(z.object({ name: z.enum(REPOSITORY_ROLES), title: z.string() })),
  rules: z.array(z.object({
    id: z.string(), title: z.string(), needs: need, kinds: z.array(z.string()).describe('A single "*": every kind.'), verbs: z.array(z.string()), scopes: z.array(z.enum(TOKEN_SCOPES)), why: z.string(),
  })),
  limits: z.array(z.object({ id: z.string(), title: z.string(), why: z.string() })),
});
