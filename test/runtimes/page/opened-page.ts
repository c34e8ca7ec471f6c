/** The page of bench/page in a real browser, for the suites that act on it. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { preview } from 'vite';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { buildPage } from '../../../tools/lib/page.mjs';
import { ROOT } from '../../../tools/lib/process.mjs';
import { CHROMIUM_ADVICE, findChromium, launch } from '../../../tools/testbed/chromium.js';
import { notRun } from '../../../tools/testbed/not-run.js';

let browser: Browser | undefined;
let url: string;
const complaints: string[] = [];

/** Serves the page while a suite runs. The page may ask no other host and has no errors. */
export function servePage(): void {
  beforeAll(async () => {
    const found = await findChromium();
    if (found === undefined) return undefined;
    buildPage();
    const server = await preview({
      configFile: 'bench/page/vite.config.ts',
      preview: { host: '127.0.0.1', port: 0 },
      logLevel: 'warn',
    });
    url = server.resolvedUrls?.local[0] ?? '';
    browser = await launch(found);
    return async () => {
      await browser?.close();
      await server.close();
    };
  });

  beforeEach(() => {
    if (browser === undefined) notRun('Chromium', CHROMIUM_ADVICE);
  });

  afterAll(() => expect(complaints).toEqual([]));
}

/** A page of the browser with nothing in it. */
export const blankPage = (options: Parameters<Browser['newPage']>[0]): Promise<Page> =>
  (browser as Browser).newPage(options);

/**
 * Opens the page, and records its requests to other hosts and its errors.
 *
 * @param timeMs - The time of the page's clock, which moves only when told. Default: the true
 *   time, which moves.
 */
export async function open(
  options: Parameters<Browser['newPage']>[0] = {},
  timeMs?: number,
  query = '',
): Promise<Page> {
  const page = await (browser as Browser).newPage(options);
  // The test's own limit ends a hang, not a limit of each act.
  page.setDefaultTimeout(0);
  if (timeMs !== undefined) {
    // The clock runs until it is paused, and cannot be paused at a time that is past by then.
    await page.clock.install({ time: timeMs - 3_600_000 });
    await page.clock.pauseAt(timeMs);
  }
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url()))
      complaints.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url + query);
  await page.waitForSelector('body[data-ready]');
  return page;
}

/** Ten seconds into a step. */
export const NOW_MS = 1_800_000_010_000;
/** For a person to look at. */
export const shot = (name: string) => join(ROOT, 'build', 'page-shots', `${name}.png`);

export async function expectNoSideways(page: Page): Promise<void> {
  // Where there is no font, nothing is wide.
  expect(
    await page.locator('#verify').evaluate((button) => button.getBoundingClientRect().width),
  ).toBeGreaterThan(50);
  const widths = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    window.innerWidth,
  ]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
}

/** The code of the verdict under the buttons. */
export const latest = (page: Page) => page.locator('#answer code').textContent();
/** The token that is shown. */
export const token = async (page: Page) =>
  (await page.locator('#token').textContent())?.replace('␣', ' ') ?? '';
