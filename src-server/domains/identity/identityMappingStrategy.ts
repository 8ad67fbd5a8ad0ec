import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { formatFieldRequirement } from '#shared/kind/selectors';
import { defineStrategy } from '../../resources/strategy';

/** Whoever signs in is one person: a provider's subject is linked once. */
export const identityMappingStrategy = defineStrategy({
  kind: IdentityMapping,
  async validate({ metadata, spec }, { operation, org, resources }) {
    // Neither provider nor subject changes afterwards: the kind says so.
    if (operation === 'update') return [];
    const fieldSelector = [formatFieldRequirement('spec.provider', '=', spec.provider), formatFieldRequirement('spec.subject', '=', spec.subject)].join(',');
    const { items } = await resources.list(IdentityMapping, { org, fieldSelector });
    const other = items.find((each) => each.metadata.name !== metadata.name);
    if (other === undefined) return [];
    return [{ code: 'FieldValueDuplicate', field: 'spec.subject', message: `this subject of ${spec.provider} is linked already, by "${other.metadata.name}"; delete that link first` }];
  },
});
