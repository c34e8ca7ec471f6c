/** The page in a real browser, by acting on it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { preview } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildPage } from '../../.dev/lib/page.mjs';
import { CHROMIUM_ADVICE, findChromium } from '../everywhere/lib/chromium.js';
import { notRun } from '../everywhere/lib/not-run.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser | undefined;
let url: string;

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
  browser = await chromium.launch({
    executablePath: found.file,
    // In the locale C, which bare systems have, a headless Chromium names its language as no Intl takes it.
    env: { ...(process.env as Record<string, string>), ...found.env, LC_ALL: 'en_US.UTF-8' },
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-dev-shm-usage'],
  });
  return async () => {
    await browser?.close();
    await server.close();
  };
});

beforeEach((context) => {
  if (browser === undefined) notRun(context, 'Chromium', CHROMIUM_ADVICE);
});

const complaints: string[] = [];
afterAll(() => expect(complaints).toEqual([]));

/** Opens the page, and notes what it asks of other hosts and what it complains about. */
async function open(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await (browser as Browser).newPage(options);
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url()))
      complaints.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.waitForSelector('body[data-ready]');
  return page;
}

const latest = (page: Page) => page.locator('#verdicts li code').first().textContent();
const token = async (page: Page) => (await page.locator('#token').textContent())?.replace('␣', ' ') ?? '';

describe('the page', () => {
  it('shows a token in its parts, and the code that it begins with', async () => {
    const page = await open();
    const text = await token(page);
    expect(text).toMatch(/^\d{40} [A-Za-z0-9+/]{43}=$/);
    const parts = await page.locator('#token span').allTextContents();
    expect(parts.map(({ length }) => length)).toEqual([8, 32, 1, 44]);
    expect(await page.locator('#parts dt').allTextContents()).toEqual(['OTP', 'Nonce', 'Space', 'Signature']);
    expect(await page.locator('#qr svg').count()).toBe(1);
    expect(await page.locator('#clock-text').textContent()).toMatch(
      /^Step \d+, \d+ s left of 30; .* true time/,
    );
    expect(await page.locator('#code').textContent()).toMatch(/^\d{8}$/);
    await page.close();
  });

  it('accepts a token once', async () => {
    const page = await open();
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.click('#verify');
    expect(await latest(page)).toBe('replayed');
    await page.click('text=Issue a token');
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    expect(await page.locator('#verdicts li').count()).toBe(3);
    await page.close();
  });

  it('refuses a shifted digit and an altered byte, and takes what was put back', async () => {
    const page = await open();
    const before = await token(page);
    await page.click('#shift');
    expect((await token(page)).length).toBe(before.length - 1);
    await page.click('#verify');
    expect(await latest(page)).toBe('malformed');
    await page.click('#alter');
    expect(await page.locator('#token mark').count()).toBe(1);
    await page.click('#verify');
    expect(await latest(page)).toBe('bad-signature');
    await page.click('#restore');
    expect(await token(page)).toBe(before);
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.close();
  });

  it('refuses a token when the clock is moved out of its window, and finds a clock gone back', async () => {
    const page = await open();
    for (let i = 0; i < 3; i++) await page.click('#clock-forward');
    await page.click('#verify');
    expect(await latest(page)).toBe('wrong-otp');
    await page.click('#clock-now');
    await page.click('#clock-back');
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.close();
  });

  it('says what is wrong with a name', async () => {
    const page = await open();
    await page.fill('#jid', 'alice');
    await page.press('#jid', 'Enter');
    expect(await page.locator('#issue-error').textContent()).toMatch(/^Not a name on this host/);
    await page.fill('#jid', 'ZOË@example.com');
    await page.press('#jid', 'Enter');
    expect(await page.locator('#issue-error').textContent()).toBe('');
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.close();
  });

  it('is worked by the keyboard alone', async () => {
    const page = await open();
    const reached: string[] = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      const id = await page.evaluate(
        () => document.activeElement?.id || document.activeElement?.textContent?.trim(),
      );
      reached.push(id ?? '');
      if (id === 'verify') await page.keyboard.press('Enter');
      const outline = await page.evaluate(
        () => getComputedStyle(document.activeElement as Element).outlineStyle,
      );
      expect(outline, `${id} shows that it has the focus`).not.toBe('none');
      if (id === 'bench') break;
    }
    for (const id of [
      'jid',
      'Issue a token',
      'clock-forward',
      'verify',
      'shift',
      'alter',
      'restore',
      'bench',
    ]) {
      expect(reached).toContain(id);
    }
    expect(await latest(page)).toBe('accepted');
    await page.close();
  });

  it('fits a phone', async () => {
    const page = await open({ viewport: { width: 360, height: 740 } });
    await page.click('#verify');
    await page.click('#shift');
    await page.click('#verify');
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no fault that axe finds, ${colorScheme}`, async () => {
      const page = await open({ colorScheme, bypassCSP: true });
      await page.click('#verify');
      await page.click('#alter');
      await page.click('#verify');
      await page.addScriptTag({ content: AXE });
      const violations = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await axe.run()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      });
      expect(violations).toEqual([]);
      await page.close();
    });
  }

  it('measures itself against WebCrypto and @noble/hashes while it stays usable', async () => {
    const page = await open();
    await page.click('#bench');
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.waitForFunction(
      () => document.getElementById('bench-state')?.textContent === 'Done.',
      undefined,
      {
        timeout: 25_000,
      },
    );
    const rows = await page.locator('#rates tbody th').allTextContents();
    expect(rows).toEqual(['totp-token, batches', 'totp-token, one by one', '@noble/hashes', 'WebCrypto']);
    const rates = await page.locator('#rates tbody td:nth-child(2)').allTextContents();
    for (const rate of rates) expect(Number(rate.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(await page.locator('#chart canvas').count()).toBe(1);
    await page.close();
  });
});
