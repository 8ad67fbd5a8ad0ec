import type { AnyStrategy } from '../../resources/strategy';
import { configGrantStrategy, roleBindingStrategy, secretGrantStrategy } from './accessStrategies';
import { authProviderStrategy } from './authProviderStrategy';
import { identityMappingStrategy } from './identityMappingStrategy';
import { inviteStrategy } from './inviteStrategy';
import { bindingStrategy, organizationStrategy } from './organizations/organizationStrategy';
import { serviceAccountStrategy } from './people/serviceAccountStrategy';
import { userStrategy } from './people/userStrategy';

/** The rules of organizations, people and what they and their agents may do, as far as their schemas cannot say them. */
export function identityStrategies(): readonly AnyStrategy[] {
  return [
    organizationStrategy, bindingStrategy, userStrategy, serviceAccountStrategy,
    inviteStrategy, identityMappingStrategy, authProviderStrategy,
    roleBindingStrategy, secretGrantStrategy, configGrantStrategy,
  ];
}
