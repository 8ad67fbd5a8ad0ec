import type { Manager } from '../runtime/manager';
import type { SqliteStorage } from '../store/sql/openSqliteStore';
import type { Metrics } from './metrics';

/** What is read from the parts when somebody scrapes: the database's size, and who waits for what. */
export function addAppGauges(metrics: Metrics, { storage, manager }: { storage: SqliteStorage; manager: Manager }): void {
  metrics.gaugesBy('part', { name: 'kradle_database_bytes', help: 'Size of the database file, of its write-ahead log, and what of the file is unused.' }, async () => {
    const { databaseBytes, walBytes, freeBytes } = await storage.sizes();
    return { file: databaseBytes, wal: walBytes, unused: freeBytes };
  });
  metrics.gauge('kradle_store_watches', 'Live watches of objects.', () => storage.store.watchers);
  const byController = (read: (controller: ReturnType<Manager['state']>['controllers'][number]) => number) => () =>
    Object.fromEntries(manager.state().controllers.map((controller) => [controller.name, read(controller)]));
  metrics.gaugesBy('controller', { name: 'kradle_work_queue_depth', help: 'Objects that wait for their controller.' }, byController(({ ready }) => ready));
  metrics.gaugesBy('controller', { name: 'kradle_work_queue_delayed', help: 'Objects that their controller looks at again later.' }, byController(({ delayed }) => delayed));
  metrics.gaugesBy('kind', { name: 'kradle_informer_objects', help: 'Objects in memory, by kind.' }, () => Object.fromEntries(manager.state().informers.map(({ kind, objects }) => [kind, objects])));
}
