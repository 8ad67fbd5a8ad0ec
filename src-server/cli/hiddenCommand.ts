import type { Command } from 'commander';

/** Whether a command is not for people. Commander knows, and keeps it to itself. */
export function isHidden(command: Command): boolean {
  return '_hidden' in command && command._hidden === true;
}
