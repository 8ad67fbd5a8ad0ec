// Apart from the kind, so that commands which only ask need not load its schema.

/** Selects the approvals that wait for an answer. One that was made by hand has no phase yet and waits like the others. */
export const OPEN_APPROVALS = 'status.phase!=Approved,status.phase!=Denied,status.obsolete!=true';

/** Selects what was answered, or overtaken. */
export const PAST_APPROVALS = 'status.phase!=Pending,status.phase!=';
