import type { AnyTRPCProcedure } from '@trpc/server';
import type { z } from 'zod';
import { createApp } from '../../src-server/app/createApp';
import { loadConfig } from '../../src-server/app/config';
import { openDataDir } from '../../src-server/app/dataDir';
import { silentLogger } from '../../src-server/app/log';
import type { ProcedureMeta } from '../../src-server/rpc/trpc';
import { collectRoutes, type RestRoute } from '../../src-server/api/restRoutes';
import { tempDir } from './tempDir';

export interface AppProcedures {
  /** `pulls.merge`, and what it is. */
  readonly procedures: ReadonlyMap<string, { readonly type: 'query' | 'mutation' | 'subscription'; readonly meta: ProcedureMeta | undefined; readonly input: z.ZodType | undefined }>;
  readonly routes: readonly RestRoute[];
}

/** Every procedure and address of the server, as it puts itself together. Nothing of it is started. */
export async function appProcedures(): Promise<AppProcedures> {
  await using folder = await tempDir('kradle-router-');
  const { config } = await loadConfig({ flags: { dataDir: folder.path, port: 0, logLevel: 'silent' }, env: {} });
  const app = await createApp({ config, dataDir: openDataDir(config.dataDir), log: silentLogger(), program: [process.execPath], environment: { PATH: process.env.PATH }, version: '0' });
  try {
    const found = Object.entries(app.router._def.procedures as unknown as Record<string, AnyTRPCProcedure & { _def: { meta?: ProcedureMeta; inputs: z.ZodType[] } }>);
    return {
      procedures: new Map(found.map(([name, { _def }]) => [name, { type: _def.type, meta: _def.meta, input: _def.inputs[0] }])),
      routes: collectRoutes(app.router),
    };
  } finally {
    app.server.listen(0, '127.0.0.1');
    await app.stop();
  }
}
