import path from 'node:path';
import react from '@vitejs/plugin-react';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { nodeThreads } from './scripts/nodeThreads.mjs';

const root = import.meta.dirname;

/** The server behind `npm run dev`. */
const apiServer = process.env.KRADLE_SERVER ?? 'http://127.0.0.1:3080';

/** The console: one page, split by route. */
const renderer: UserConfig = {
  root: path.join(root, 'src-renderer'),
  base: '/',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: path.join(root, 'dist/renderer'),
    emptyOutDir: true,
    // `light-dark()` and nesting are used as they are.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      // Not the modules of src-renderer/api, whose addresses begin alike. The server takes no other origin than its own.
      '^/((trpc|git|login|healthz)(/|$|\\?)|api/(?!.*\\.tsx?(\\?|$)))': { target: apiServer, changeOrigin: true, headers: { origin: apiServer } },
    },
  },
};

/**
 * ssh2 as a module: without the native code that it takes when that happens to be compiled, so that a bundle is the same wherever it is
 * made; without ChaCha20, which is not offered; and without the folder in which it would look for a helper on Windows' desktop.
 */
const ssh2Bundled: Plugin = {
  name: 'ssh2-bundled',
  enforce: 'pre',
  resolveId: (id) => (id === 'cpu-features' || id.endsWith('/sshcrypto.node') ? '\0absent-addon' : undefined),
  load(id) {
    if (id === '\0absent-addon') return 'throw new Error("this addon is left out");';
    return id.endsWith('/ssh2/lib/protocol/crypto/poly1305.js') ? 'module.exports = async () => ({ _malloc: () => 0, cwrap: () => () => { throw new Error("ChaCha20 is left out"); } });' : undefined;
  },
  transform: (code, id) => (id.endsWith('/ssh2/lib/agent.js') ? code.replaceAll('__dirname', '"."') : undefined),
};

/**
 * V8 keeps the text of a module as long as it is loaded, and with one character beyond Latin-1 anywhere in it each of its characters takes two bytes: 3 MB
 * more for the largest chunk. `charset` writes them as escapes; it cannot in tagged templates and comments that stay.
 */
const oneByteSources: Plugin = {
  name: 'one-byte-sources',
  generateBundle(_options, bundle) {
    for (const output of Object.values(bundle)) {
      const found = output.type === 'chunk' ? /.{0,40}[^\0-\xff].{0,40}/.exec(output.code) : null;
      if (found) this.error(`${output.fileName} has a character beyond Latin-1, which doubles the memory that it takes: write it as an escape: ${found[0]}`);
    }
  },
};

/**
 * The server and the `kradle` command, with the packages they use: hundreds of small files fewer to find and read, and without the
 * parts that nothing uses, so that a server and each of its runners start in two thirds of the time. Native code stays outside, and so does what
 * is under the LGPL, so that people may put another version in its place.
 */
const server: UserConfig = {
  plugins: [ssh2Bundled, nodeThreads(), oneByteSources],
  ssr: { noExternal: true, external: ['better-sqlite3', '@node-rs/argon2', 'openpgp'] },
  build: {
    ssr: path.join(root, 'src-server/cli/kradle.ts'),
    outDir: path.join(root, 'dist/server'),
    // A server or runner of the build before loads its chunks when it needs them; scripts/buildStale.mjs removes them in time.
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    sourcemap: true,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      output: { format: 'es', charset: 'ascii', comments: { legal: true, annotation: false, jsdoc: false }, entryFileNames: 'kradle.js', chunkFileNames: '[name]-[hash].js' },
    },
  },
};

/** Electron: the main process as a module; the preload as CommonJS, because a sandboxed preload cannot be a module. */
const main: UserConfig = {
  builder: {},
  environments: {
    client: electronBuild('preload', 'cjs'),
    ssr: electronBuild('main', 'es'),
  },
};

function electronBuild(entry: 'main' | 'preload', format: 'cjs' | 'es'): NonNullable<UserConfig['environments']>[string] {
  return {
    consumer: 'server',
    resolve: { external: ['electron'], noExternal: [/^#shared\//] },
    build: {
      outDir: path.join(root, 'dist/main'),
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: path.join(root, `src-main/${entry}.ts`),
        external: ['electron', /^node:/],
        output: { format, entryFileNames: `${entry}.${format === 'cjs' ? 'cjs' : 'js'}` },
      },
    },
  };
}

const builds: Record<string, UserConfig> = { renderer, server, main };

export default defineConfig(({ mode }) => builds[mode] ?? renderer);
