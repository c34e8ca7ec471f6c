import { mayInstall } from './debian.mjs';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the suite was not run, if its set-up lacked something. */
    notRun?: string;
  }
}

/**
 * Thrown by a test, or by the set-up of a suite, if this machine lacks something. `runner.ts` marks
 * the tests as skipped. `npm test` names each missing thing once, with the number of these tests.
 */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/**
 * Whether nothing may be missing: in CI, and as root on Debian, where missing programs are
 * installed.
 */
export const isAllDemanded = (): boolean => Boolean(process.env.CI) || mayInstall();

/**
 * Skips the running test, or the suite that is being set up.
 *
 * @param name - What is missing.
 * @param advice - How to get it.
 * @throws {NotRun} Always, unless nothing may be missing. Then it is an ordinary error, and the
 *   test fails.
 */
export function notRun(name: string, advice: string): never {
  if (isAllDemanded()) throw new Error(`${name} is missing: ${advice}`);
  throw new NotRun(`not run: ${name} (${advice})`);
}
