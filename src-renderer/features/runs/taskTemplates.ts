export interface TaskTemplate {
  readonly title: string;
  readonly prompt: string;
}

/** Beginnings for tasks that come up often. */
export const TASK_TEMPLATES: readonly TaskTemplate[] = [
  { title: 'Fix the failing tests', prompt: 'Run the tests, find out why they fail, and fix the cause. Do not weaken or skip a test. Say in the end what was wrong.' },
  { title: 'Add tests', prompt: 'Add tests for PATH. Cover the edges and the errors, not only the usual case. Do not change the code under test unless a test shows a bug.' },
  { title: 'Review a branch', prompt: 'Review what this branch changes. Look for bugs, missing tests and unclear names. Write what you find, most important first, with file and line. Change nothing.' },
  { title: 'Explain the code', prompt: 'Explain how PATH works: what it is for, its main parts, and what surprised you. Change nothing.' },
  { title: 'Update a dependency', prompt: 'Update PACKAGE to its newest version. Read its changelog, adapt the code, and run the tests.' },
];
