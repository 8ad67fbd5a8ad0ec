import type { AgentPreset } from '#shared/api/agents';
import { findProgram, type ProgramSearch } from './process/findProgram';

type Preset = Omit<AgentPreset, 'found' | 'resolvedProgram' | 'adapterType'> & { readonly adapterType?: AgentPreset['adapterType'] };

/** Well-known programs that speak ACP, with the arguments that make them. The first of several ways to start one that is found wins. */
const PRESETS: readonly Preset[] = [
  { id: 'claude-code', title: 'Claude Code', command: ['claude-agent-acp'], installHint: 'npm install -g @agentclientprotocol/claude-agent-acp (needs Node 22)', docsUrl: 'https://docs.anthropic.com/en/docs/claude-code' },
  { id: 'codex', title: 'Codex', command: ['codex-acp'], installHint: 'npm install -g @agentclientprotocol/codex-acp', docsUrl: 'https://github.com/openai/codex' },
  { id: 'gemini', title: 'Gemini CLI', command: ['gemini', '--experimental-acp'], installHint: 'npm install -g @google/gemini-cli', docsUrl: 'https://github.com/google-gemini/gemini-cli' },
  { id: 'opencode', title: 'OpenCode', command: ['opencode', 'acp'], installHint: 'npm install -g opencode-ai', docsUrl: 'https://opencode.ai' },
  { id: 'goose', title: 'Goose', command: ['goose', 'acp'], installHint: 'See https://block.github.io/goose', docsUrl: 'https://block.github.io/goose' },
  { id: 'cline', title: 'Cline', command: ['cline', '--acp'], installHint: 'npm install -g cline', docsUrl: 'https://cline.bot' },
  { id: 'cursor', title: 'Cursor', command: ['cursor-agent', 'acp'], installHint: 'See https://cursor.com/cli', docsUrl: 'https://cursor.com/cli' },
  { id: 'copilot', title: 'GitHub Copilot CLI', command: ['copilot', '--acp'], installHint: 'npm install -g @github/copilot', docsUrl: 'https://github.com/github/copilot-cli' },
  { id: 'kimi', title: 'Kimi CLI', command: ['kimi', 'acp'], installHint: 'uv tool install kimi-cli', docsUrl: 'https://github.com/MoonshotAI/kimi-cli' },
  { id: 'qwen', title: 'Qwen Code', command: ['qwen', '--experimental-acp'], installHint: 'npm install -g @qwen-code/qwen-code', docsUrl: 'https://github.com/QwenLM/qwen-code' },
  { id: 'kilo', title: 'Kilo Code', command: ['kilo', 'acp'], installHint: 'npm install -g @kilocode/cli', docsUrl: 'https://kilo.ai' },
  { id: 'junie', title: 'Junie', command: ['junie', '--acp'], installHint: 'See https://www.jetbrains.com/junie', docsUrl: 'https://www.jetbrains.com/junie' },
  { id: 'auggie', title: 'Auggie', command: ['auggie', '--acp'], installHint: 'npm install -g @augmentcode/auggie', docsUrl: 'https://docs.augmentcode.com/cli' },
  { id: 'vibe', title: 'Mistral Vibe', command: ['vibe-acp'], installHint: 'uv tool install mistral-vibe', docsUrl: 'https://github.com/mistralai/mistral-vibe' },
  { id: 'openhands', title: 'OpenHands', command: ['openhands', 'acp'], installHint: 'uv tool install openhands', docsUrl: 'https://docs.openhands.dev' },
  { id: 'aider', title: 'Aider', adapterType: 'command', command: ['aider', '--yes-always', '--no-auto-commits', '--message-file', '{promptFile}'], installHint: 'uv tool install aider-chat', docsUrl: 'https://aider.chat' },
];

/** The presets, those found on this machine first. Looks for the programs and starts none. */
export async function listPresets(search: ProgramSearch): Promise<AgentPreset[]> {
  const presets = await Promise.all(
    PRESETS.map(async (preset): Promise<AgentPreset> => {
      const resolvedProgram = await findProgram(preset.command[0] ?? '', search);
      return { adapterType: 'acp', ...preset, command: [...preset.command], found: resolvedProgram !== undefined, ...(resolvedProgram === undefined ? {} : { resolvedProgram }) };
    }),
  );
  return [...presets.filter(({ found }) => found), ...presets.filter(({ found }) => !found)];
}

export function findPreset(id: string): Preset | undefined {
  return PRESETS.find((preset) => preset.id === id);
}

/** Id of the preset that a name begins with: `claude-code` for `claude-code-ci-repair`. The longest wins. */
export function presetIdFor(name: string): string | undefined {
  const fits = PRESETS.map(({ id }) => id).filter((id) => name === id || name.startsWith(`${id}-`));
  return fits.sort((a, b) => b.length - a.length)[0];
}
