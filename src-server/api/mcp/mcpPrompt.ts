import type { McpRequest } from './mcpRequest';

export interface McpPromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  /** Values that may be meant; those that do not begin with what is typed are left out by the caller. */
  complete?(request: McpRequest, typed: { value: string; others: Readonly<Record<string, string>> }): Promise<readonly string[]>;
}

/** A prompt: what a person picks, and the text that it becomes. */
export interface McpPrompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly McpPromptArgument[];
  write(request: McpRequest, args: Readonly<Record<string, string>>): Promise<string>;
}
