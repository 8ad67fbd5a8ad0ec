import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { defineStrategy } from '../../../resources/strategy';

/** The kinds whose objects can have a permission. */
export const PERMISSION_SUBJECTS = { User, Team, AgentServiceAccount } as const;

/** A subject has to exist, and has one permission per repository: two would leave open which one holds. */
export const repositoryPermissionStrategy = defineStrategy<typeof RepositoryPermission>({
  kind: RepositoryPermission,
  async validate(object, { org, resources }) {
    const { subject, repository } = object.spec;
    const { items } = await resources.list(RepositoryPermission, { org, fieldSelector: `spec.repository=${repository},spec.subject.name=${subject.name}` });
    const other = items.find((each) => each.metadata.name !== object.metadata.name && each.spec.subject.kind === subject.kind && !each.spec.revoked);
    if (other !== undefined && !object.spec.revoked) {
      return [{ code: 'FieldValueDuplicate', field: 'spec.subject.name', message: `${subject.kind} "${subject.name}" already has a permission on ${repository}, "${other.metadata.name}"; change that one` }];
    }
    // What is taken back from somebody who is gone stays for the record.
    if (object.spec.revoked || (await resources.find(PERMISSION_SUBJECTS[subject.kind], { org, name: subject.name })) !== undefined) return [];
    return [{ code: 'FieldValueNotFound', field: 'spec.subject.name', message: `there is no ${subject.kind} "${subject.name}" in organization "${org}"` }];
  },
});
