import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../tools/testbed/chromium.js';
import type { Progress } from '../lib/progress.js';
import type { Results, Table } from '../lib/results.js';
import type { Plan } from '../suites/suite.js';
import { bundleForBrowsers } from './bundle.js';
import type { Bench } from './page.js';
import { serve } from './serve.js';

/**
 * Runs the parts of the bench that need only a browser in a real browser, each in a new page.
 *
 * @param only - The parts to run. Empty: all parts.
 */
export async function runInChromium(
  plan: Omit<Plan, 'onProgress'>,
  only: readonly string[],
  progressOver: (parts: number) => Progress,
): Promise<Pick<Results, 'runtime' | 'tables'>> {
  const [server, browser] = [await serve(await bundleForBrowsers()), await launch()];
  try {
    const open = async () => {
      const page = await browser.newPage();
      await page.goto(server.url);
      await page.waitForFunction('globalThis.bench !== undefined');
      return page;
    };
    const first = await open();
    const all = await first.evaluate(() => (globalThis as unknown as { bench: Bench }).bench.names);
    const names = all.filter((name) => only.length === 0 || only.includes(name));
    await first.close();
    const progress = progressOver(names.length);
    const tables: Table[] = [];
    for (const name of names) {
      progress.begin(name);
      const page = await open();
      const run = (of: { name: string; plan: Omit<Plan, 'onProgress'> }) =>
        (globalThis as unknown as { bench: Bench }).bench.run(of.name, of.plan);
      tables.push(...(await page.evaluate(run, { name, plan })));
      await page.close();
      progress.end();
    }
    const version = browser.version();
    return { runtime: { name: 'Chromium', version, engine: `V8 of Chromium ${version}` }, tables };
  } finally {
    await browser.close();
    await server.close();
  }
}

async function launch(): Promise<Browser> {
  const found = await findChromium();
  if (found === undefined)
    throw new Error('no Chromium here: install one, or name it in TOTP_TOKEN_CHROMIUM');
  return chromium.launch({
    executablePath: found.file,
    // In the locale C of bare systems, a headless Chromium reports a language that Intl refuses.
    env: { ...(process.env as Record<string, string>), ...found.env, LC_ALL: 'en_US.UTF-8' },
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-dev-shm-usage',
    ],
  });
}
