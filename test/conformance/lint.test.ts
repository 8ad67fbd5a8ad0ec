import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import tseslint from 'typescript-eslint';

/** The project's own configuration, without the type-checked rules: the snippets are not files of a project. */
let eslint: ESLint;
beforeAll(() => {
  eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });
});

async function complaints(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath });
  return results.flatMap((result) => result.messages.map((message) => message.ruleId ?? message.message));
}

describe('the layering rule', () => {
  it.each([
    ['the store imports nothing above it', 'src-server/store/x.ts', "import { run } from '../resources/resourceService';\nrun();"],
    ['what writes to the disk knows nothing else', 'src-server/disk/x.ts', "import { run } from '../app/log';\nrun();"],
    ['resources do not know the doors', 'src-server/resources/x.ts', "import { run } from '../api/rest';\nrun();"],
    ['a domain does not reach the store', 'src-server/domains/forge/x.ts', "import { run } from '../../store/sql/sqlStore';\nrun();"],
    ['a domain takes store contracts by type only', 'src-server/domains/forge/x.ts', "import { run } from '../../store/eventLog';\nrun();"],
    ['a domain does not reach into another', 'src-server/domains/forge/x.ts', "import { run } from '../agents/dispatch';\nrun();"],
    ['doors and domains meet in app', 'src-server/api/x.ts', "import { run } from '../domains/forge/pulls';\nrun();"],
    ['nobody imports the entry', 'src-server/app/x.ts', "import { run } from '../cli/kradle';\nrun();"],
    ['a dynamic import counts', 'src-server/store/x.ts', "export const load = () => import('../api/rest');"],
    ['shared has no Node', 'shared/kind/x.ts', "import { join } from 'node:path';\njoin('a');"],
    ['shared has no package but zod', 'shared/api/x.ts', "import { pino } from 'pino';\npino();"],
    ['the language does not know the facts', 'shared/kind/x.ts', "import { kinds } from '../kinds/index';\nexport const all = kinds;"],
    ['the renderer takes the router by type only', 'src-renderer/x.ts', "import { appRouter } from '../src-server/app/appRouter';\nappRouter();"],
    ['the renderer takes nothing else of the server', 'src-renderer/x.ts', "import type { Store } from '../src-server/store/store';\nexport type X = Store;"],
    ['the renderer has no Node', 'src-renderer/x.ts', "import { join } from 'node:path';\njoin('a');"],
    ['the desktop shell never imports the server', 'src-main/x.ts', "import type { Store } from '../src-server/store/store';\nexport type X = Store;"],
    ['the desktop shell loads no native module', 'src-main/x.ts', "import Database from 'better-sqlite3';\nexport const db = new Database('x');"],
    ['only the store opens the database', 'src-server/domains/forge/x.ts', "import Database from 'better-sqlite3';\nexport const db = new Database('x');"],
  ])('bites: %s', async (_name, path, code) => {
    expect(await complaints(path, code)).toEqual(['kradle/layering']);
  });

  it.each([
    ['resources import the store', 'src-server/resources/x.ts', "import { memoryStore } from '../store/memoryStore';\nmemoryStore();"],
    ['a domain imports store contracts by type', 'src-server/domains/forge/x.ts', "import type { EventLog } from '../../store/eventLog';\nexport type X = EventLog;"],
    ['the renderer imports the router by type', 'src-renderer/x.ts', "import type { AppRouter } from '../src-server/app/appRouter';\nexport type X = AppRouter;"],
    ['any room imports shared', 'src-server/store/x.ts', "import { StatusError } from '#shared/api/status';\nthrow new StatusError('Expired', 'gone');"],
    ['any room of the server imports the disk', 'src-server/domains/forge/x.ts', "import { syncFolder } from '../../disk/syncFolder';\nvoid syncFolder('.');"],
    ['app joins everything', 'src-server/app/x.ts', "import { run } from '../domains/forge/createForge';\nrun();"],
  ])('allows: %s', async (_name, path, code) => {
    expect(await complaints(path, code)).toEqual([]);
  });
});

describe('house rules', () => {
  it.each([
    ['no-restricted-properties', 'src-server/domains/forge/x.ts', 'export const path = process.env.PATH;'],
    ['no-restricted-syntax', 'src-server/domains/forge/x.ts', 'export default 1;'],
    ['no-console', 'src-server/store/x.ts', "console.log('x');"],
    ['@typescript-eslint/no-non-null-assertion', 'src-server/store/x.ts', 'export const first = (list: string[]) => list[0]!;'],
    ['@typescript-eslint/no-explicit-any', 'src-server/store/x.ts', 'export const first = (list: any) => String(list);'],
    ['kradle/no-kind-names', 'src-server/resources/x.ts', "export const isRun = (kind: string) => kind === 'AgentDispatchRun';"],
    ['kradle/no-kind-names', 'src-server/api/x.ts', "import { SSHKey } from '#shared/kinds/forge/sshKey';\nexport const name = SSHKey;"],
    ['kradle/no-kind-names', 'src-server/api/x.ts', "export const key = 'SSHKey';"],
  ])('%s bites in %s', async (rule, path, code) => {
    expect(await complaints(path, code)).toEqual([rule]);
  });
});
