import { type RunnerTask, type RunnerTestCase, type RunnerTestSuite, TestRunner } from 'vitest';

/**
 * The message of a task's first error, if that was `NotRun`. Later errors are consequences of it.
 */
function missing({ result }: RunnerTask): string | undefined {
  const first = result?.errors?.[0];
  return first?.name === 'NotRun' ? first.message : undefined;
}

/** Vitest's runner. It skips a test, or all tests of a suite, if it throws `NotRun`. */
export default class Runner extends TestRunner {
  onTaskFinished(test: RunnerTestCase): void {
    const note = missing(test);
    // Does the same as `context.skip(note)`. The type does not have the note.
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
