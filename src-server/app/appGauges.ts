import type { GitServing } from '../domains/forge/serving/gitServing';
import type { Manager } from '../runtime/manager';
import type { SqlStorage } from '../store/sql/sqlStorage';
import type { Metrics } from './metrics';

/** What is read from the parts when somebody scrapes: the database's size, and who waits for what. */
export function addAppGauges(metrics: Metrics, { storage, manager, serving }: { storage: SqlStorage; manager: Manager; serving: GitServing }): void {
  metrics.gaugesBy('part', { name: 'kradle_database_bytes', help: 'Size of the database: of its file or its tables, of a file\'s write-ahead log, and what of a file is unused.' }, async () => {
    // The other figures are of most interest when the database does not answer.
    const sizes = await storage.sizes().catch((): undefined => undefined);
    if (sizes === undefined) return {};
    const { databaseBytes, walBytes, freeBytes } = sizes;
    return { file: databaseBytes, ...(walBytes === undefined ? {} : { wal: walBytes }), ...(freeBytes === undefined ? {} : { unused: freeBytes }) };
  });
  metrics.gauge('kradle_store_watches', 'Live watches of objects.', () => storage.store.watchers);
  metrics.gaugesBy('state', { name: 'kradle_git_services', help: 'Clones, fetches and pushes: at work, waiting for a place, and turned away since the start.' }, () => ({ working: serving.gate.working, waiting: serving.gate.waiting, refused: serving.gate.refused }));
  metrics.gaugesBy('how', { name: 'kradle_git_packs', help: 'Packs of fetches since the start: made for one, written for many, read instead of made, and read with the whole answer.' }, () => {
    const { direct = 0, written = 0, shared = 0 } = serving.packs()?.stats ?? {};
    return { direct, written, shared, answered: serving.answers.stats.shared };
  });
  metrics.gauge('kradle_git_packs_kept_bytes', 'Bytes of the packs that are kept for fetches that want the same.', () => serving.packs()?.stats.keptBytes ?? 0);
  metrics.gauge('kradle_git_answers_kept_bytes', 'Bytes of the answers to fetches that are kept in memory for those that ask the same.', () => serving.answers.stats.keptBytes);
  metrics.gaugesBy('state', { name: 'kradle_git_maintenance', help: 'Maintenance of repositories: at work, waiting, and done and failed since the start.' }, () => ({ ...serving.maintenance.stats }));
  const byController = (read: (controller: ReturnType<Manager['state']>['controllers'][number]) => number) => () =>
    Object.fromEntries(manager.state().controllers.map((controller) => [controller.name, read(controller)]));
  metrics.gaugesBy('controller', { name: 'kradle_work_queue_depth', help: 'Objects that wait for their controller.' }, byController(({ ready }) => ready));
  metrics.gaugesBy('controller', { name: 'kradle_work_queue_delayed', help: 'Objects that their controller looks at again later.' }, byController(({ delayed }) => delayed));
  metrics.gaugesBy('informer', { name: 'kradle_informer_objects', help: 'Objects that are kept track of, for controllers and for who owns whom.' }, () => Object.fromEntries(manager.state().informers.map(({ name, objects }) => [name, objects])));
}
