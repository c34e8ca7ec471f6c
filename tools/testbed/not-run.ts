import { mayInstall } from './debian.mjs';

declare module 'vitest' {
  interface TaskMeta {
    /** Of a suite whose set-up lacked something: the line that says so. */
    notRun?: string;
  }
}

/**
 * Thrown by a test, or by the set-up of a suite, for want of something that this machine does not
 * have. `runner.ts` makes skipped tests of it, and `npm test` names what was missing, once, with
 * the number of those tests.
 */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/**
 * Whether everything has to be here: in CI, and as root on Debian, where it is installed when it is
 * missing.
 */
export const isAllDemanded = (): boolean => Boolean(process.env.CI) || mayInstall();

/**
 * Leaves out the test that is running, or the suite that is being set up.
 *
 * @param name - What is missing.
 * @param advice - How to get it.
 * @throws {NotRun} Always, but where everything has to be here: then it is an ordinary error, a
 *   failure.
 */
export function notRun(name: string, advice: string): never {
  if (isAllDemanded()) throw new Error(`${name} is missing: ${advice}`);
  throw new NotRun(`not run: ${name} (${advice})`);
}
