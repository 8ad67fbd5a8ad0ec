import { LineCounter } from 'yaml';
import { StatusError } from '#shared/api/status';
import { composeYaml, toPlainData } from '../api/kube/objects/parseYaml';

export interface YamlDocument {
  /** Line that it begins at, from 1. */
  readonly line: number;
  /** Plain JSON data; null for an empty document. */
  readonly value: unknown;
}

/**
 * Reads a text of YAML documents, or of JSON, which is YAML, with the bounds of the Kubernetes door: a file, too, may come from elsewhere.
 *
 * @throws BadRequest that begins with the line that cannot be read: `12: Map keys must be unique`.
 */
export function readYaml(text: string): YamlDocument[] {
  const lines = new LineCounter();
  const lineOf = (offset: number) => lines.linePos(offset).line || 1;
  return composeYaml(text, lines, { logLevel: 'error' }).map((document) => {
    const line = lineOf(document.contents?.range?.[0] ?? 0);
    const [problem] = document.errors;
    if (problem !== undefined) throw new StatusError('BadRequest', `${lineOf(problem.pos[0])}: ${problem.message.split('\n')[0] ?? 'cannot be read'}`);
    try {
      return { line, value: toPlainData(document) ?? null };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw new StatusError('BadRequest', `${line}: ${error.message}`, { cause: error });
    }
  });
}
