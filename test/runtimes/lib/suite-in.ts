import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../tools/lib/process.mjs';
import { notRun } from '../../../tools/testbed/not-run.js';
import { tempFolder } from '../../package/temp.js';
import type { Runtime } from '../kinds/runtime.js';
import { CASES } from '../suite/index.js';
import { Consumer } from './consumer.js';

/** `npm run runtimes` asks for timings and makes a table of the results that are written here. */
const isTimed = process.env.TOTP_TOKEN_TIMINGS === '1';
const results = join(ROOT, 'build', 'runtimes');

/**
 * The suite of suite/ in each of these runtimes, which are the real ones.
 *
 * @param runtimes Some of `RUNTIMES` of kinds/, which brings the browsers along.
 */
export async function describeRuntimes(runtimes: readonly Runtime[]): Promise<void> {
  const found = await Promise.all(
    runtimes.map(async (runtime) => ({ runtime, found: await runtime.find() })),
  );

  describe('a runtime', { concurrent: !isTimed }, () => {
    const folder = tempFolder();
    let consumer: Consumer;

    beforeAll(async () => {
      consumer = await Consumer.make(folder);
      mkdirSync(results, { recursive: true });
    });

    afterAll(async () => {
      for (const { found: here } of found) await here?.close?.();
    });

    for (const { runtime, found: here } of found) {
      const { name, advice } = runtime;
      if (here === undefined) {
        it(`named ${name} passes ${CASES.length} of ${CASES.length}`, () => notRun(name, advice));
        continue;
      }
      it(`named ${name} (${here.version}) passes ${CASES.length} of ${CASES.length}`, async () => {
        const report = await here.run(consumer, isTimed);
        if (isTimed) {
          const { RUNTIMES } = await import('../kinds/index.js');
          const line = { name, version: here.version, cases: CASES.length, ...report };
          const place = RUNTIMES.findIndex((each) => each.name === name);
          writeFileSync(join(results, `${place}.json`), JSON.stringify(line));
        }
        expect(report.failures).toEqual([]);
        expect(report.passed).toBe(CASES.length);
      });
    }
  });
}
