import { TRPCError } from '@trpc/server';
import { isStatusError, STATUS_REASONS } from '#shared/api/status';
import { procedure } from '../../rpc/trpc';
import { gitFailure } from './git/process/gitFailure';
import { redirectedInput } from './lifecycle/redirectedInput';

/**
 * Base of the forge's procedures: a failure of git or of the disk that people can do something about reaches them in words, and who names a
 * repository, or a pull request of one, by an address that it had earlier is answered for where it is now.
 */
export const forgeProcedure = procedure
  .use(async ({ next }) => {
    const result = await next();
    const failure = result.ok ? undefined : gitFailure(result.error.cause);
    if (failure !== undefined) throw new TRPCError({ code: STATUS_REASONS[failure.reason].trpc, message: failure.message, cause: failure });
    return result;
  })
  .use(async ({ next, getRawInput, ctx }) => {
    const result = await next();
    // Nothing was done then: the repository is what every one of them looks for first.
    if (result.ok || !isStatusError(result.error.cause, 'NotFound')) return result;
    const redirected = await redirectedInput(ctx.resources, await getRawInput());
    if (redirected === undefined) return result;
    ctx.warn(`It has moved to ${redirected.address}; use that address`);
    return next({ getRawInput: () => Promise.resolve(redirected.input) });
  });
