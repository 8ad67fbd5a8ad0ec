import { createServer } from 'vite';
import { nodeThreads } from './nodeThreads.mjs';

/** Loads the project's TypeScript as it stands, also what a module imports while it runs. Listens nowhere; close it at the end. */
export function createModuleLoader(root) {
  return createServer({
    configFile: false, root, appType: 'custom', logLevel: 'error', plugins: [nodeThreads()], oxc: { target: 'node20' }, optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false, hmr: false, watch: null },
  });
}
