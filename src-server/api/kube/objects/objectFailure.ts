import { StatusError } from '#shared/api/status';
import { namespaceNotFound } from './objectPlace';

/** What a request is about. */
export interface FailureSubject {
  /** The kind's present name. */
  readonly kind: string;
  readonly group: string;
  readonly plural: string;
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * A failure in the words of kube-apiserver, as far as clients and their users know them: people search for these texts, and some programs
 * do. Reasons, codes and causes stay.
 */
export function inKubeWords(error: unknown, subject: FailureSubject): unknown {
  if (!(error instanceof StatusError)) return error;
  if (error.details.code === 'ORG_NOT_FOUND') return subject.namespace === undefined ? error : namespaceNotFound(subject.namespace);
  const [kind = subject.kind, , name = subject.name] = error.details.resource?.split('/') ?? [];
  // Another object than the one that the request is about: a reference, say.
  if (kind !== subject.kind || name === undefined || (subject.name !== undefined && name !== subject.name)) return error;
  const object = `${subject.plural}${subject.group === '' ? '' : `.${subject.group}`} ${JSON.stringify(name)}`;
  switch (error.reason) {
    case 'NotFound':
      return reworded(error, `${object} not found`);
    case 'AlreadyExists':
      return reworded(error, `${object} already exists`);
    case 'Conflict': {
      const isOfManagers = error.details.causes?.some((cause) => cause.code === 'FieldManagerConflict') === true;
      return isOfManagers ? error : reworded(error, `Operation cannot be fulfilled on ${object}: ${error.message}`);
    }
    default:
      return error;
  }
}

function reworded(error: StatusError, message: string): StatusError {
  return new StatusError(error.reason, message, { ...error.details, cause: error });
}
