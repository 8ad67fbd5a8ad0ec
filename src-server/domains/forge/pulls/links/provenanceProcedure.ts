import { provenanceInput } from '#shared/api/pulls';
import { provenanceView } from '#shared/api/pullViews';
import type { ForgeContext } from '../../forgeContext';
import { forgeProcedure as procedure } from '../../forgeProcedure';
import { readProvenance } from './provenance';

/** Which runs made the commits that somebody asks about, as far as they may read those runs. */
export function createProvenanceProcedure(ctx: ForgeContext) {
  return procedure
    .meta({ openapi: { method: 'GET', path: '/api/orgs/{org}/repositories/{repository}/provenance', tags: ['Repositories'], summary: 'The runs that made commits' } })
    .input(provenanceInput)
    .output(provenanceView)
    .query(async ({ input, ctx: { resources } }) => ({ items: await readProvenance(ctx, resources, input) }));
}
