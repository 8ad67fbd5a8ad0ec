import { StatusError, type StatusCause } from '#shared/api/status';
import { normalizeName } from '#shared/kind/names';
import { API_GROUP } from '#shared/kind/objectMeta';
import { User } from '#shared/kinds/identity/user';
import { defineStrategy } from '../../../resources/strategy';
import { Account } from '../accounts/account';
import { legalName } from '../legalName';
import { ADMIN_USER, DEFAULT_ORG } from '../organizations';
import { requireAnotherOwner } from './ownership';

/** Keeps a deleted user until its account has left the organization: one of the same name that is made later is nobody's. */
export const MEMBERSHIP_FINALIZER = `${API_GROUP}/membership`;

/**
 * Whoever takes the administrator's user away could not give it back: the admin token acts as it. An organization keeps an owner. And
 * nobody is made a member by being named: only the installation's administrators admit an account that did not ask.
 */
export const userStrategy = defineStrategy({
  kind: User,
  normalizeName: (name) => legalName(name, normalizeName),
  async prepare(draft, { operation, org, actor, current, resources }) {
    const { metadata, spec } = draft;
    spec.username ??= metadata.name;
    spec.admitted ??= current?.spec.admitted;
    if (operation === 'update') return;
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), MEMBERSHIP_FINALIZER])];
    // Who has no account yet is not admitted: somebody else might take the name.
    if (actor.kind === 'user' && actor.orgs === '*') spec.admitted ??= (await resources.find(Account, { org, name: metadata.name })) === undefined ? undefined : true;
  },
  async validate({ metadata: { name }, spec }, { org, actor, current, resources }) {
    const causes: StatusCause[] = [];
    if (isAdministrator(name, org)) {
      causes.push(...must('spec.admin', spec.admin, `spec.admin must be true: "${ADMIN_USER}" is this installation's administrator`));
      causes.push(...must('spec.disabled', !spec.disabled, `spec.disabled must be false: "${ADMIN_USER}" is this installation's administrator`));
    }
    if (actor.kind === 'system') return causes;
    if (spec.admitted === true && current?.spec.admitted !== true && actor.orgs !== '*') {
      causes.push({ code: 'FieldValueForbidden', field: 'spec.admitted', message: 'only an administrator of the installation can make an account a member that did not accept an invitation; leave it out and invite the person' });
    }
    const steps = spec.disabled || (spec.role !== 'owner' && !(org === DEFAULT_ORG && spec.admin));
    if (current !== undefined && steps) await requireAnotherOwner(resources, org, name);
    return causes;
  },
  async beforeDelete({ metadata: { name } }, { org, actor, resources }) {
    if (isAdministrator(name, org)) throw new StatusError('Forbidden', `User "${ADMIN_USER}" is this installation's administrator and cannot be deleted`, { code: 'USER_PROTECTED' });
    // An organization goes as a whole.
    if (actor.kind !== 'system') await requireAnotherOwner(resources, org, name);
  },
});

function isAdministrator(name: string, org: string): boolean {
  return name === ADMIN_USER && org === DEFAULT_ORG;
}

function must(field: string, holds: boolean, message: string): StatusCause[] {
  return holds ? [] : [{ code: 'FieldValueInvalid', field, message }];
}
