/** Questions with the callers that wait for their answers. */
interface Waiting<TQuestion, TAnswer> {
  readonly question: TQuestion;
  readonly resolve: (answer: TAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export interface QuestionBatchOptions<TQuestion, TAnswer> {
  /** Asks many at once; answers in their order. */
  readonly askAll: (group: string, questions: readonly TQuestion[]) => Promise<readonly TAnswer[]>;
  /** Letters that one request may have, written as JSON: queries travel in addresses. */
  readonly maxLength: number;
  /** Runs when everything that is drawn now has asked. */
  readonly defer: (run: () => void) => void;
}

/**
 * Collects the questions that a page asks while it is drawn, and asks them together, by group. Each asker gets its own answer, or the
 * failure of the request that its question went with.
 */
export function createQuestionBatch<TQuestion, TAnswer>({ askAll, maxLength, defer }: QuestionBatchOptions<TQuestion, TAnswer>): (group: string, question: TQuestion) => Promise<TAnswer> {
  const waiting = new Map<string, Waiting<TQuestion, TAnswer>[]>();

  async function send(group: string, batch: readonly Waiting<TQuestion, TAnswer>[]): Promise<void> {
    try {
      const answers = await askAll(group, batch.map(({ question }) => question));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('The server answered fewer questions than it was asked.'));
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function flush(group: string): void {
    const all = waiting.get(group) ?? [];
    waiting.delete(group);
    let batch: Waiting<TQuestion, TAnswer>[] = [];
    let length = 0;
    for (const each of all) {
      const size = encodeURIComponent(JSON.stringify(each.question)).length;
      if (batch.length > 0 && length + size > maxLength) {
        void send(group, batch);
        [batch, length] = [[], 0];
      }
      batch.push(each);
      length += size;
    }
    if (batch.length > 0) void send(group, batch);
  }

  return (group, question) => new Promise((resolve, reject) => {
    const before = waiting.get(group);
    if (before !== undefined) before.push({ question, resolve, reject });
    else {
      waiting.set(group, [{ question, resolve, reject }]);
      defer(() => flush(group));
    }
  });
}
