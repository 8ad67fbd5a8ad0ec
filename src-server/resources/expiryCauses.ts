import type { StatusCause } from '#shared/api/status';
import type { StrategyContext } from './strategy';

/** A time at which something ends has to lie ahead when that thing is made. Afterwards it may pass, or be brought forward. */
export function expiryCauses(field: string, time: string | undefined, ctx: Pick<StrategyContext, 'operation' | 'now'>): StatusCause[] {
  if (time === undefined || ctx.operation === 'update' || Date.parse(time) > Date.parse(ctx.now)) return [];
  return [{ code: 'FieldValueInvalid', field, message: `${field} is ${time}, which has passed; choose a time after ${ctx.now}` }];
}
