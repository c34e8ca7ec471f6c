// A vitest reporter that writes how many tests passed, failed and were skipped, and what was not run since it is not
// here, for the closing lines of `npm test`.
import { writeFileSync } from 'node:fs';

export default class CountsReporter {
  /**
   * A file that does not load, a suite whose hook throws and an error outside all tests count as one failed test
   * each: otherwise a broken run could close with "0 failed".
   *
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const notRun = new Set();
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state, note } = /** @type {{ state: string, note?: string }} */ (test.result());
        if (state === 'skipped' && note?.startsWith('not run: ')) notRun.add(note);
        counts[state === 'passed' || state === 'failed' ? state : 'skipped']++;
      }
    }
    const path = process.env.TOTP_TOKEN_COUNTS;
    if (path) writeFileSync(path, JSON.stringify({ ...counts, notRun: [...notRun] }));
  }
}
