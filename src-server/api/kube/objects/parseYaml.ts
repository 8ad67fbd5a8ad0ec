import { Composer, isPair, isSeq, LineCounter, Parser, visit, type CST, type Document } from 'yaml';
import { StatusError } from '#shared/api/status';
import { formatPath } from '#shared/kind/paths';
import { MAX_BODY_DEPTH, tooDeep } from './scanJson';

/** Composing YAML takes about a microsecond a character, and nobody else is served meanwhile. */
const MAX_YAML_CHARACTERS = 512 * 1024;
/** What the aliases of a document may blow it up to, in characters of JSON. */
const MAX_JSON_CHARACTERS = 3 * 1024 * 1024;
/** How many values the aliases of one anchor may stand for, counting aliases within it. */
const MAX_ALIASES = 100;
const MAX_DUPLICATES = 10;

/**
 * Reads one YAML document as plain JSON data, with the keys that stand twice in a mapping (the last one counts).
 *
 * The library reads a document into tokens without recursion and composes those with it, and a stack that overflows there can take
 * the process along: so the tokens' depth is measured in between. Aliases become copies, within bounds.
 *
 * @throws BadRequest that says where the document cannot be read; RequestEntityTooLarge.
 */
export function parseYaml(text: string): { value: unknown; duplicates: string[] } {
  if (text.length > MAX_YAML_CHARACTERS) throw new StatusError('RequestEntityTooLarge', `A YAML body may have at most ${MAX_YAML_CHARACTERS / 1024} KiB; send JSON`);
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  checkTokenDepth(tokens);
  const documents = [...new Composer({ uniqueKeys: false, merge: true, logLevel: 'silent' }).compose(tokens)];
  const [document] = documents;
  if (document === undefined) return { value: undefined, duplicates: [] };
  if (documents.length > 1) throw new StatusError('BadRequest', 'The body has several YAML documents; send one object');
  const [problem] = document.errors;
  if (problem !== undefined) throw new StatusError('BadRequest', `The body is not YAML: line ${lines.linePos(problem.pos[0]).line}: ${problem.message.split('\n')[0] ?? ''}`);
  return { value: toPlainData(document), duplicates: duplicateKeys(document) };
}

function checkTokenDepth(tokens: readonly CST.Token[]): void {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_BODY_DEPTH) throw tooDeep();
    level = level.flatMap(childTokens);
  }
}

function childTokens(token: CST.Token): CST.Token[] {
  const children: CST.Token[] = 'value' in token && token.value ? [token.value] : [];
  if ('items' in token) for (const { key, value } of token.items) children.push(...[key, value].filter((child) => child !== null && child !== undefined));
  return children;
}

/** Through JSON text: what aliases share or close into a circle must not reach code that walks over it. */
function toPlainData(document: Document): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES }));
  } catch (cause) {
    throw new StatusError('BadRequest', `The body's YAML aliases cannot be followed: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''}`, { cause });
  }
  if (json === undefined) return undefined;
  if (json.length > MAX_JSON_CHARACTERS) throw new StatusError('RequestEntityTooLarge', 'The body is too large once its YAML aliases are followed');
  return JSON.parse(json) as unknown;
}

function duplicateKeys(document: Document): string[] {
  const duplicates = new Set<string>();
  visit(document, {
    Map(_, node, ancestors) {
      const keys = new Set<string>();
      for (const { key } of node.items) {
        const name = String(key);
        if (keys.has(name) && duplicates.size < MAX_DUPLICATES) duplicates.add(formatPath([...pathOf([...ancestors, node]), name]));
        keys.add(name);
      }
    },
  });
  return [...duplicates];
}

/** Keys and indexes on the way from the document to its last ancestor. */
function pathOf(chain: readonly unknown[]): (string | number)[] {
  return chain.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return [String(node.key)];
    return isSeq(node) ? [node.items.indexOf(chain[index + 1])] : [];
  });
}
