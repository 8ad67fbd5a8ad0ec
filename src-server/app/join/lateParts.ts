import type { Relocation } from '../../resources/relocation';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Identity } from './joinIdentity';
import type { OrganizationFiles } from './organizationFiles';

/** Parts that are made after those which call them: the write path wants the rules of every domain first. For use, not while a part is made. */
export interface LateParts {
  resources(): ResourceClient;
  relocation(): Relocation;
  identity(): Identity;
  organizationFiles(): OrganizationFiles;
}
