import type { TestContext } from 'vitest';

/** What a skipped test notes, so that the summary of `npm test` can say it. */
const NOT_RUN = 'not run: ';

/**
 * Leaves a test out since something is not here, and says by name what, and how to get it.
 *
 * @throws {Error} `CI` is set in the environment: there, all must be here.
 */
export function notRun(context: TestContext, name: string, advice: string): never {
  if (process.env.CI) throw new Error(`${name} is missing: ${advice}`);
  return context.skip(`${NOT_RUN}${name} (${advice})`);
}
