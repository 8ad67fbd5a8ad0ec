import { CHECKED_TRANSFER } from './checkedTransfer';

const PREFIX = 'fetch.fsck.';

/** As `git index-pack --strict=` takes them: the old faults that are let through, as in every transfer from elsewhere. */
export const FSCK_SEVERITIES = CHECKED_TRANSFER.filter(([key]) => key.startsWith(PREFIX)).map(([key, severity]) => `${key.slice(PREFIX.length)}=${severity}`).join(',');

/**
 * Environment of git where it unpacks what somebody sent. One object that git must hold as a whole, and above all one that a small delta
 * unfolds to, may not take more memory than this; plain files of any size are streamed (git-config(1), `core.bigFileThreshold`).
 */
export const RECEIVE_ENVIRONMENT: Readonly<Record<string, string>> = { GIT_ALLOC_LIMIT: '1g' };
