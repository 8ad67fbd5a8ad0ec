/** Answers that are remembered of each function. */
const MAX_ANSWERS = 2_000;
const MAX_KEY_LENGTH = 256;

/**
 * The same function, which must be pure, with a memory: names and paths of kinds come again with every object, and looking an answer up is
 * several times as fast as making it. Those that clients make up push others out at most; long ones are not kept.
 */
export function remembered<T extends object | string>(answerTo: (key: string) => T): (key: string) => T {
  const answers = new Map<string, T>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = answerTo(key);
    if (key.length > MAX_KEY_LENGTH) return answer;
    if (answers.size >= MAX_ANSWERS) answers.clear();
    answers.set(key, answer);
    return answer;
  };
}
