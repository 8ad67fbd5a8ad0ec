import { provenanceInput } from '#shared/api/pulls';
import { provenanceView } from '#shared/api/pullViews';
import { StatusError } from '#shared/api/status';
import type { ForgeContext } from '../forgeContext';
import { forgeProcedure as procedure } from '../forgeProcedure';

/** Which runs made the commits that somebody asks about, as far as they may read those runs. */
export function createProvenanceProcedure(_ctx: ForgeContext) {
  return procedure
    .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories/{repository}/provenance', tags: ['Repositories'], summary: 'The runs that made commits' } })
    .input(provenanceInput)
    .output(provenanceView)
    .query(() => {
      throw new StatusError('NotImplemented', 'This is being made');
    });
}
