import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/harness/tempDir';
import { createTestResources } from '../../test/harness/testResources';
import { Shelf, throwAwayRegistry } from '../../test/harness/throwAwayKinds';
import { silentLogger } from '../app/log';
import { createCallerFactory, type RequestContext } from '../rpc/trpc';
import { openSqliteStore } from '../store/sql/sqlite/openSqliteStore';
import { createResourcesRouter } from './resourcesRouter';

/** More than five pages of the database. */
const COUNT = 5_500;

it('a list that nobody waits for any more reads no further', async () => {
  await using folder = await tempDir('kradle-cancel-');
  let pages = 0;
  let onPage = () => undefined as void;
  const observe = (operation: string): void => {
    if (operation !== 'page') return;
    pages += 1;
    onPage();
  };
  const { store, close } = await openSqliteStore({ path: join(folder.path, 'kradle.db'), log: silentLogger(), observe });
  const { resources } = await createTestResources({ store });
  try {
    await Promise.all(Array.from({ length: COUNT }, (_, index) => resources.create(Shelf, 'acme', { metadata: { name: `shelf-${index}` }, spec: { organizationRef: 'acme' } })));
    const list = (signal: AbortSignal, query: object) =>
      createCallerFactory(createResourcesRouter(throwAwayRegistry()))({ resources, signal, warn: () => undefined } as unknown as RequestContext).list({ org: 'acme', kind: 'shelves', ...query });

    for (const query of [{ q: 'no such shelf' }, { sort: '-metadata.name' }]) {
      pages = 0;
      onPage = () => undefined;
      await list(new AbortController().signal, query);
      expect(pages).toBeGreaterThan(5);

      pages = 0;
      const gone = new AbortController();
      onPage = () => {
        if (pages === 2) gone.abort();
      };
      await expect(list(gone.signal, query)).rejects.toMatchObject({ message: expect.stringMatching(/abort/i) });
      expect(pages).toBe(2);
    }
  } finally {
    await close();
  }
});
