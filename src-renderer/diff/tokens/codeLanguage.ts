/** Name under which highlight.js knows the language of a file, guessed from its path; undefined for plain text. */
export function codeLanguage(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const byName = NAMES[name];
  if (byName !== undefined) return byName;
  const dot = name.lastIndexOf('.');
  if (dot === -1) return undefined;
  const extension = name.slice(dot + 1);
  return EXTENSIONS[extension] ?? (PLAIN.has(extension) ? undefined : extension);
}

const NAMES: Readonly<Record<string, string>> = {
  dockerfile: 'dockerfile', containerfile: 'dockerfile', makefile: 'makefile', gnumakefile: 'makefile', rakefile: 'ruby', gemfile: 'ruby',
  jenkinsfile: 'java', '.bashrc': 'bash', '.zshrc': 'bash', '.profile': 'bash', '.editorconfig': 'ini', '.gitconfig': 'ini', 'go.mod': 'go',
};

/** Extensions that highlight.js does not take as a name or an alias of a language. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  mts: 'typescript', cts: 'typescript', mjs: 'javascript', cjs: 'javascript', jsonc: 'json', json5: 'json', jsonl: 'json', lock: 'yaml',
  htm: 'xml', vue: 'xml', svelte: 'xml', svg: 'xml', plist: 'xml', toml: 'ini', cfg: 'ini', conf: 'ini', env: 'ini', properties: 'ini',
  zsh: 'bash', fish: 'bash', h: 'c', hh: 'cpp', cxx: 'cpp', m: 'objectivec', pyi: 'python', gemspec: 'ruby', kts: 'kotlin', patch: 'diff',
  mdx: 'markdown', tf: 'ini', gql: 'graphql', ps1: 'bash',
};

const PLAIN = new Set(['txt', 'log', 'csv', 'tsv', 'text', 'out']);
