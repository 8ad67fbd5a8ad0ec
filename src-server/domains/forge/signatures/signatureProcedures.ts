import { z } from 'zod';
import { repositoryParam } from '#shared/api/forge';
import { signaturesInput, signaturesOutput } from '#shared/api/pushPolicies';
import type { ForgeContext } from '../forgeContext';
import { forgeProcedure as procedure } from '../forgeProcedure';
import { openRepository } from '../repositories/openRepository';
import { readSignatures } from './readSignatures';

const tags = ['Repositories'];
const one = '/api/orgs/{org}/repositories/{repository}' as const;

/** Who signed commits and tags, in one question for a whole page of them; and the key that the server itself signs with. */
export function createSignatureProcedures(ctx: ForgeContext) {
  return {
    signatures: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/signatures`, tags, summary: 'Who signed commits and tags, and whether that holds' } })
      .input(signaturesInput)
      .output(signaturesOutput)
      .query(async ({ input, ctx: request }) => {
        const { git } = await openRepository(ctx, request.resources, { org: input.org, name: input.repository });
        return { signatures: Object.fromEntries(await readSignatures(git, await ctx.signing.keyring(input.org), input.sha.split(','))) };
      }),
    signingKey: procedure
      .meta({ openapi: { method: 'GET', path: `${one}/signing-key`, tags, summary: 'The public key of the commits that this server makes itself' } })
      .input(repositoryParam)
      .output(z.object({ publicKey: z.string().describe('As OpenSSH writes it, for an allowed_signers file.') }))
      .query(async ({ input, ctx: request }) => {
        await openRepository(ctx, request.resources, { org: input.org, name: input.repository });
        return { publicKey: ctx.signing.publicKey() };
      }),
  };
}
