import { defineConfig } from 'vitest/config';
import { nodeThreads } from './scripts/nodeThreads.mjs';

/** What is waited for comes in its time, on a busy machine too; that it never comes is told by this. */
const patient = { poll: { timeout: 30_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [nodeThreads()],
        test: {
          name: 'unit',
          expect: patient,
          include: ['src-server/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Much of it waits for git, databases and disks: one fewer than there are processors, as is usual, would leave one of two idle.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          // Files that change nothing outside themselves share a process: starting one takes longer than most of them.
          name: 'unit-shared',
          include: ['shared/**/*.test.ts', 'src-main/**/*.test.ts', 'src-renderer/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [nodeThreads()],
        test: {
          name: 'integration',
          expect: patient,
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          globalSetup: ['test/harness/buildOnce.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // Each file starts servers and agents of its own; more files at once would only wait for each other.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
