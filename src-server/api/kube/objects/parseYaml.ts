import { Composer, isPair, isSeq, Lexer, LineCounter, Parser, visit, type CST, type Document, type DocumentOptions, type ParseOptions, type SchemaOptions } from 'yaml';
import { StatusError } from '#shared/api/status';
import { formatPath } from '#shared/kind/paths';
import { MAX_BODY_DEPTH, tooDeep } from './scanJson';

/** Composing YAML takes about a microsecond a character, and nobody else is served meanwhile. */
const MAX_YAML_CHARACTERS = 512 * 1024;
/** What the aliases of a document may blow it up to, in characters of JSON. */
const MAX_JSON_CHARACTERS = 3 * 1024 * 1024;
/** How many values the aliases of one anchor may stand for, counting aliases within it; and how many aliases a body may have, for each is looked up from its start. */
const MAX_ALIASES = 100;
const MAX_DUPLICATES = 10;

/**
 * Reads one YAML document as plain JSON data, with the keys that stand twice in a mapping (the last one counts). Aliases become copies,
 * within bounds.
 *
 * @throws BadRequest that says where the document cannot be read; RequestEntityTooLarge.
 */
export function parseYaml(text: string): { value: unknown; duplicates: string[] } {
  if (text.length > MAX_YAML_CHARACTERS) throw new StatusError('RequestEntityTooLarge', `A YAML body may have at most ${MAX_YAML_CHARACTERS / 1024} KiB; send JSON`);
  const lines = new LineCounter();
  const documents = composeYaml(text, lines, { maxAliases: MAX_ALIASES, uniqueKeys: false, merge: true, logLevel: 'silent' });
  const [document] = documents;
  if (document === undefined) return { value: undefined, duplicates: [] };
  if (documents.length > 1) throw new StatusError('BadRequest', 'The body has several YAML documents; send one object');
  const [problem] = document.errors;
  if (problem !== undefined) throw new StatusError('BadRequest', `The body is not YAML: line ${lines.linePos(problem.pos[0]).line}: ${problem.message.split('\n')[0] ?? ''}`);
  return { value: toPlainData(document), duplicates: duplicateKeys(document) };
}

export type ComposeYamlOptions = DocumentOptions & ParseOptions & SchemaOptions & {
  /** Aliases that the text may have; default any number. */
  readonly maxAliases?: number;
};

/**
 * The documents of a text. The library reads them into tokens without recursion and composes those with it; a stack that overflows there
 * can take the process along, and some nestings take it hours: so the tokens' depth is watched.
 *
 * @throws BadRequest for text that is nested too deep or has too many aliases. What else is wrong is in each document's `errors`.
 */
export function composeYaml(text: string, lines: LineCounter, opts: ComposeYamlOptions = {}): Document[] {
  const { maxAliases = Infinity, ...options } = opts;
  const tokens = [...readTokens(text, lines)];
  checkTokens(tokens, maxAliases);
  return [...new Composer(options).compose(tokens)];
}

/** As the library's `Parser.parse`, but not beyond any depth. */
function* readTokens(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // A level takes up to two places: a collection, and the value that is read in it.
    if (parser.stack.length > 2 * MAX_BODY_DEPTH) throw tooDeep();
  }
  yield* parser.end();
}

function checkTokens(tokens: readonly CST.Token[], maxAliases: number): void {
  let level: readonly CST.Token[] = tokens;
  let aliases = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_BODY_DEPTH) throw tooDeep();
    aliases += level.filter(({ type }) => type === 'alias').length;
    if (aliases > maxAliases) throw new StatusError('BadRequest', `The YAML's aliases cannot be followed: there are more than ${maxAliases}`);
    level = level.flatMap(childTokens);
  }
}

function childTokens(token: CST.Token): CST.Token[] {
  const children: CST.Token[] = 'value' in token && token.value ? [token.value] : [];
  if (!('items' in token)) return children;
  for (const { key, value } of token.items) {
    // The library writes such a key as text, and each key within a key twice: forty of them are never done.
    if (key && KEYS_OF_PARTS.has(key.type)) throw new StatusError('BadRequest', 'The YAML has a list, a mapping or an alias as a key; keys are texts');
    children.push(...[key, value].filter((child) => child !== null && child !== undefined));
  }
  return children;
}

const KEYS_OF_PARTS: ReadonlySet<string> = new Set<CST.Token['type']>(['block-map', 'block-seq', 'flow-collection', 'alias']);

/**
 * A document as plain JSON data, through JSON text: what aliases share or close into a circle must not reach code that walks over it.
 *
 * @throws BadRequest, RequestEntityTooLarge.
 */
export function toPlainData(document: Document): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES }));
  } catch (cause) {
    throw new StatusError('BadRequest', `The YAML's aliases cannot be followed: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''}`, { cause });
  }
  if (json === undefined) return undefined;
  if (json.length > MAX_JSON_CHARACTERS) throw new StatusError('RequestEntityTooLarge', 'The YAML is too large once its aliases are followed');
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
