import type { ObjectOf } from '#shared/kind/defineKind';
import type { Organization } from '#shared/kinds/identity/organization';

export type OrganizationObject = ObjectOf<typeof Organization>;
