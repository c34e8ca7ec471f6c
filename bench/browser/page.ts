// The bench in a page, which chromium.ts runs. Files named NAME.browser.ts replace NAME.ts here.
import type { Table } from '../lib/results.js';
import { batchSizes } from '../suites/batch-sizes.js';
import { hmacAlone } from '../suites/hmac-alone.js';
import type { Plan } from '../suites/suite.js';
import { totpAlone } from '../suites/totp-alone.js';
import { verification } from '../suites/verification.js';

const SUITES = [verification, hmacAlone, totpAlone, batchSizes];

/** The parts of the bench that need only a browser. */
const names = SUITES.map(({ name }) => name);

async function run(name: string, plan: Omit<Plan, 'onProgress'>): Promise<readonly Table[]> {
  const suite = SUITES.find((each) => each.name === name);
  if (suite === undefined) throw new Error(`no part is called ${name}`);
  // Progress is not reported, because that would take time on the same cores.
  return suite.run({ ...plan, onProgress() {} });
}

export type Bench = { readonly names: readonly string[]; readonly run: typeof run };
(globalThis as unknown as { bench: Bench }).bench = { names, run };
