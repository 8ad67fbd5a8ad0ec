/** Languages by extension, under the names that highlight.js and CodeMirror know. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  ts: 'typescript', mts: 'typescript', cts: 'typescript', tsx: 'typescript', js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'javascript',
  json: 'json', jsonc: 'json', json5: 'json', yaml: 'yaml', yml: 'yaml', toml: 'ini', ini: 'ini', cfg: 'ini', conf: 'ini', properties: 'properties', md: 'markdown', markdown: 'markdown',
  html: 'xml', htm: 'xml', xml: 'xml', svg: 'xml', vue: 'xml', css: 'css', scss: 'scss', less: 'less',
  py: 'python', pyi: 'python', rb: 'ruby', go: 'go', rs: 'rust', java: 'java', kt: 'kotlin', kts: 'kotlin', scala: 'scala', groovy: 'groovy', gradle: 'groovy', cs: 'csharp', fs: 'fsharp', vb: 'vbnet',
  c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', cxx: 'cpp', hpp: 'cpp', hh: 'cpp', m: 'objectivec', mm: 'objectivec', swift: 'swift', dart: 'dart', php: 'php', pl: 'perl', pm: 'perl', lua: 'lua', r: 'r',
  ex: 'elixir', exs: 'elixir', erl: 'erlang', hs: 'haskell', ml: 'ocaml', mli: 'ocaml', clj: 'clojure', cljs: 'clojure', lisp: 'lisp', el: 'lisp', scm: 'scheme', zig: 'zig', nim: 'nim', jl: 'julia',
  sh: 'bash', bash: 'bash', zsh: 'bash', fish: 'bash', ps1: 'powershell', bat: 'dos', cmd: 'dos', sql: 'sql', graphql: 'graphql', gql: 'graphql', proto: 'protobuf', tf: 'hcl', hcl: 'hcl', nix: 'nix',
  diff: 'diff', patch: 'diff', tex: 'latex', vim: 'vim', cmake: 'cmake', mk: 'makefile', dockerfile: 'dockerfile', wat: 'wasm',
};

const BY_NAME: Readonly<Record<string, string>> = {
  dockerfile: 'dockerfile', containerfile: 'dockerfile', makefile: 'makefile', gnumakefile: 'makefile', 'cmakelists.txt': 'cmake', rakefile: 'ruby', gemfile: 'ruby', jenkinsfile: 'groovy', justfile: 'makefile',
  '.bashrc': 'bash', '.profile': 'bash', '.zshrc': 'bash', '.gitconfig': 'ini', '.editorconfig': 'ini', '.npmrc': 'ini', 'go.mod': 'go', '.babelrc': 'json', '.eslintrc': 'json', '.prettierrc': 'json',
};

const BY_PROGRAM: readonly (readonly [RegExp, string])[] = [
  [/\b(ba|z|k|da|a)?sh\b/, 'bash'], [/\bpython[0-9.]*\b/, 'python'], [/\b(node|deno|bun)\b/, 'javascript'], [/\bruby\b/, 'ruby'], [/\bperl\b/, 'perl'], [/\bphp\b/, 'php'],
];

/** The language of a file, by its name, else by the program that its first line starts; undefined when neither says. */
export function languageOf(path: string, text: string | undefined): string | undefined {
  const name = (path.split('/').at(-1) ?? '').toLowerCase();
  const named = BY_NAME[name] ?? (name.includes('.') ? BY_EXTENSION[name.slice(name.lastIndexOf('.') + 1)] : undefined);
  if (named !== undefined || text?.startsWith('#!') !== true) return named;
  const firstLine = text.slice(2, 200).split('\n')[0] ?? '';
  return BY_PROGRAM.find(([program]) => program.test(firstLine))?.[1];
}
