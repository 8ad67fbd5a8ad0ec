import type { DiffView } from '#shared/api/git';
import type { CommandContext } from './commandContext';
import { printValue } from './objectOutput';
import { patchText } from './patchText';

/** Prints the diff behind a route as a patch, page by page. `path` narrows it to one file. */
export async function printDiff(context: CommandContext, from: string, path: string | undefined): Promise<void> {
  let after: string | undefined;
  do {
    const diff: DiffView = await context.api().get<DiffView>(from, { path, after });
    if (!(await printValue(context, diff))) context.terminal.out(patchText(diff, context.terminal.style));
    after = diff.truncated ? diff.files.at(-1)?.path : undefined;
  } while (after !== undefined);
}
