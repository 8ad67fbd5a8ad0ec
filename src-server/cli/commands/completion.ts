import { Argument, type Command } from 'commander';
import type { CommandContext } from '../commandContext';
import { complete } from '../completion';

export function registerCompletion(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .helpGroup('This program:')
    .description('print a script that completes commands, kinds and names in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', INSTALL)
    .action((shell: keyof typeof SCRIPTS) => context.terminal.out(SCRIPTS[shell]));
  program
    .command('__complete', { hidden: true })
    .description('candidates for the last word, one a line; called by the completion scripts')
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const candidates = await complete(program, context, words);
      context.terminal.out(candidates.map((candidate) => `${candidate}\n`).join(''));
    });
}

const INSTALL = `
Install:
  bash  kradle completion bash > ~/.local/share/bash-completion/completions/kradle
  zsh   kradle completion zsh > "\${fpath[1]}/_kradle"
  fish  kradle completion fish > ~/.config/fish/completions/kradle.fish`;

// `--` keeps the words from being taken for options of __complete itself.
const SCRIPTS = {
  bash: `_kradle() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(kradle __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _kradle kradle
`,
  zsh: `#compdef kradle
_kradle() {
  local -a candidates
  candidates=("\${(@f)$(kradle __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a candidates
}
if [ "$funcstack[1]" = "_kradle" ]; then _kradle "$@"; else compdef _kradle kradle; fi
`,
  fish: `function __kradle_complete
  set -l words (commandline -opc) (commandline -ct)
  kradle __complete -- $words[2..-1] 2>/dev/null
end
complete -c kradle -f -a '(__kradle_complete)'
`,
} as const;
