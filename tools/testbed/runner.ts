import { type RunnerTask, type RunnerTestCase, type RunnerTestSuite, TestRunner } from 'vitest';

/**
 * What a task failed by, if that was the want of something: whatever failed after it, failed for
 * that.
 */
function missing({ result }: RunnerTask): string | undefined {
  const first = result?.errors?.[0];
  return first?.name === 'NotRun' ? first.message : undefined;
}

/** Vitest's runner, which skips what throws `NotRun`: a test, or all tests of a suite. */
export default class Runner extends TestRunner {
  onTaskFinished(test: RunnerTestCase): void {
    const note = missing(test);
    // As `context.skip(note)` does it; the type leaves the note out.
    if (note !== undefined)
      test.result = Object.assign({ state: 'skip' as const, pending: true }, { note });
  }

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    await super.onAfterRunSuite(suite);
    const note = missing(suite);
    if (note === undefined) return;
    suite.meta.notRun = note;
    suite.result = { state: 'skip' };
  }
}
