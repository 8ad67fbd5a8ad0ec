import type { Git } from '../git';

/**
 * Settings that take from a workspace repository the programs that its configuration names for the files of a checkout: clean, smudge
 * and process filters. The configuration is an agent's to write, and git that Kradle runs starts nothing of an agent's choice. Other
 * programs that a configuration can name (hooks, monitors, remotes) are off for every isolated process; filters have free names.
 */
export async function withoutFilters(git: Git, gitDir: string): Promise<[string, string][]> {
  const { stdout } = await git.run(['config', '--includes', '--null', '--name-only', '--get-regexp', '^filter\\.'], { gitDir, okCodes: [0, 1] });
  const drivers = new Set(stdout.toString('utf8').split('\0').flatMap((key) => /^filter\.([^]+)\.[^.]+$/.exec(key)?.[1] ?? []));
  return [...drivers].flatMap((driver): [string, string][] => [
    [`filter.${driver}.clean`, ''],
    [`filter.${driver}.smudge`, ''],
    [`filter.${driver}.process`, ''],
    [`filter.${driver}.required`, 'false'],
  ]);
}
