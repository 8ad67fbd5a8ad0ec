/** Logged where writes that were stored together are stored each by itself, so that only those fail whose fault it is. */
export const WRITES_APART = 'several writes at once could not be stored; each is tried by itself';
