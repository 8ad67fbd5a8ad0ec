/**
 * A Vitest reporter that writes `N passed, N failed[, N skipped]` to the file named by KRADLE_TEST_COUNT, else to standard output.
 * A file that cannot be loaded and an error outside any test count as failures: nothing of what went wrong may read as zero.
 */
import { writeFileSync } from 'node:fs';

export default class CountReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      let failedTests = 0;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'skipped') counts.skipped += 1;
        else failedTests += 1;
      }
      counts.failed += failedTests;
      if (failedTests === 0 && testModule.state() === 'failed') counts.failed += 1;
    }
    const line = `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
    const file = process.env.KRADLE_TEST_COUNT;
    if (file === undefined) process.stdout.write(`${line}\n`);
    else writeFileSync(file, `${line}\n`);
  }
}
