/**
 * Settings by which what comes from elsewhere is checked as a push is: nothing that would break or attack a client gets in, and old faults
 * that public histories have are let through.
 */
export const CHECKED_TRANSFER: readonly (readonly [string, string])[] = [
  ['fetch.fsckObjects', 'true'],
  ...[
    'badTimezone', 'missingSpaceBeforeDate', 'zeroPaddedFilemode', 'badDate', 'badDateOverflow', 'missingEmail', 'badEmail', 'badName', 'missingNameBeforeEmail', 'missingSpaceBeforeEmail',
    'missingTaggerEntry', 'badTagName', 'nulInCommit', 'multipleAuthors', 'extraHeaderEntry',
  ].map((fault) => [`fetch.fsck.${fault}`, 'ignore'] as const),
];
