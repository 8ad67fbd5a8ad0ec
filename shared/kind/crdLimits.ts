/** Where an API server that has only a kind's CRD judges otherwise than admission. */
export interface CrdLimit {
  readonly what: string;
  /** What the server with the CRD does. */
  readonly there: string;
  /** What admission does. */
  readonly here: string;
}

/**
 * All of them: `test/conformance/crds.kubernetes.test.ts` holds every kind's CRD against a real API server and lets nothing else
 * pass. A cluster closes the gap with Kradle's admission webhook.
 */
export const CRD_LIMITS: readonly CrdLimit[] = [
  { what: 'Fields that the kind does not have', there: 'dropped without a word', here: 'refused, unless the client asks for less (`fieldValidation`)' },
  { what: 'Null in a field', there: 'refused, or the default when there is one', here: 'read as absent, as an empty YAML key is' },
  { what: 'Documents of an older shape', there: 'refused where the new shape asks for more', here: 'brought to the present shape first' },
  { what: 'Patterns that RE2 cannot say: look-around, references back, `\\S` in a class, over 1000 repetitions', there: 'not checked', here: 'checked' },
  { what: 'Keys of maps', there: 'not checked', here: 'checked where the kind says what a key looks like' },
  { what: 'Length of texts with characters beyond the basic plane (emoji)', there: 'such a character counts once', here: 'it counts twice, as UTF-16 has it' },
  { what: 'Times and e-mail addresses at the edge of their format', there: 'Go\'s reading of RFC 3339 and RFC 5322', here: 'Zod\'s: stricter, such as capital T and Z in a time' },
  { what: 'Whole numbers beyond 2^53', there: 'taken', here: 'refused: JSON in JavaScript would change them' },
  { what: 'Rules between fields, references, immutable fields', there: 'not checked', here: 'checked' },
];
