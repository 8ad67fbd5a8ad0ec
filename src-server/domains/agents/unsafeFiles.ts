/** Files whose change can run code elsewhere, or carry secrets, with why a reviewer should look twice. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^\.github\/(workflows|actions)\/|^\.gitlab-ci\.yml$|^\.circleci\/|^azure-pipelines.*\.ya?ml$|^Jenkinsfile$|^\.ci\/|^\.drone\.yml$/, 'changes what CI runs'],
  [/(^|\/)(\.husky|\.githooks|hooks)\/|^\.pre-commit-config\.ya?ml$|^lefthook\.ya?ml$/, 'changes hooks that run on developers\' machines'],
  [/(^|\/)\.env(\..+)?$|(^|\/)(id_rsa|id_ed25519|credentials(\.json)?)$|\.(pem|key|p12|pfx)$/, 'may hold secrets'],
  [/(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|poetry\.lock|uv\.lock|Gemfile\.lock|composer\.lock|go\.sum)$/, 'changes locked dependencies'],
  [/(^|\/)(\.npmrc|\.yarnrc(\.yml)?|pip\.conf|\.pypirc|\.cargo\/config(\.toml)?)$/, 'changes where packages come from'],
  [/(^|\/)(\.gitattributes|\.gitmodules|\.gitconfig)$/, 'changes how git treats the files'],
  [/(^|\/)(AGENTS\.md|CLAUDE\.md|\.cursorrules)$|^\.(claude|codex|cursor)\//, 'changes what agents are told'],
  [/(^|\/)CODEOWNERS$/, 'changes who must review'],
];

/** One warning a rule, with the files it is about, at most ten named. */
export function unsafeFileWarnings(paths: readonly string[]): string[] {
  return RULES.flatMap(([pattern, why]) => {
    const hits = paths.filter((path) => pattern.test(path));
    if (hits.length === 0) return [];
    const named = hits.slice(0, 10).join(', ');
    return [`${named}${hits.length > 10 ? ` and ${hits.length - 10} more` : ''}: ${why}`];
  });
}
