import type { StatusCause } from '#shared/api/status';
import { PolicyExceptionRequest } from '#shared/kinds/policy/policyExceptionRequest';
import { PolicyProfile } from '#shared/kinds/policy/policyProfile';
import { PolicyTemplate } from '#shared/kinds/policy/policyTemplate';
import { toActorReference } from '../../resources/actorReference';
import { expiryCauses } from '../../resources/expiryCauses';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** The rules of policies that their schemas cannot say. */
export function policyStrategies(): readonly AnyStrategy[] {
  return [profileStrategy, templateStrategy, exceptionRequestStrategy];
}

/** As many approvals as are asked for have to be possible. */
const profileStrategy = defineStrategy({
  kind: PolicyProfile,
  validate({ spec: { exceptionApproval } }) {
    const { required, minimumApprovals = 1, approvers, approverTeams } = exceptionApproval ?? {};
    if (required !== true || approvers === undefined || (approverTeams ?? []).length > 0 || new Set(approvers).size >= minimumApprovals) return [];
    return [{ code: 'FieldValueInvalid', field: 'spec.exceptionApproval.minimumApprovals', message: `spec.exceptionApproval.minimumApprovals is ${minimumApprovals}, but only ${new Set(approvers).size} may approve; name more approvers, or a team` }];
  },
});

/** Parameters that a binding can tell apart, with defaults of their own type. */
const templateStrategy = defineStrategy({
  kind: PolicyTemplate,
  validate({ spec: { parameters = [] } }) {
    const seen = new Set<string>();
    return parameters.flatMap((parameter, index): StatusCause[] => {
      const causes: StatusCause[] = [];
      if (seen.has(parameter.name)) causes.push({ code: 'FieldValueDuplicate', field: `spec.parameters[${index}].name`, message: `there is a parameter "${parameter.name}" already` });
      seen.add(parameter.name);
      if (parameter.default !== undefined && !isOfType(parameter.default, parameter.type)) {
        causes.push({ code: 'FieldValueTypeInvalid', field: `spec.parameters[${index}].default`, message: `the default of "${parameter.name}" is no ${parameter.type}` });
      }
      return causes;
    });
  },
});

/** Who asks is who writes the request, and an exception begins before it ends. */
const exceptionRequestStrategy = defineStrategy({
  kind: PolicyExceptionRequest,
  prepare({ spec }, { actor, current }) {
    spec.requestedBy = current === undefined ? toActorReference(actor) : current.spec.requestedBy;
  },
  validate: ({ spec }, ctx) => expiryCauses('spec.expiresAt', spec.expiresAt, ctx),
});

function isOfType(value: unknown, type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object'): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
