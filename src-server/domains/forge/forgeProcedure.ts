import { TRPCError } from '@trpc/server';
import { STATUS_REASONS } from '#shared/api/status';
import { procedure } from '../../rpc/trpc';
import { gitFailure } from './gitFailure';

/** Base of the forge's procedures: a failure of git or of the disk that people can do something about reaches them in words. */
export const forgeProcedure = procedure.use(async ({ next }) => {
  const result = await next();
  const failure = result.ok ? undefined : gitFailure(result.error.cause);
  if (failure !== undefined) throw new TRPCError({ code: STATUS_REASONS[failure.reason].trpc, message: failure.message, cause: failure });
  return result;
});
