import { eventually } from '../../harness/eventually';
import type { TestServer } from '../../harness/startServer';

/** Waits until maintenance has put a repository in order after a large push. */
export async function settled(server: TestServer, name: string): Promise<void> {
  await eventually(`maintenance of ${name}`, async () => {
    const { status } = await server.api<{ status: { maintenance?: { tasks?: string[]; failure?: string } } }>('GET', `/api/orgs/default/repositories/${name}`);
    if (status.maintenance?.failure !== undefined) throw new Error(status.maintenance.failure);
    return status.maintenance?.tasks?.includes('graph');
  }, { timeoutMs: 600_000 });
}
