/** The page and the report on the screens of readers: a phone, a keyboard, light and dark. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../../bench/report/write.js';
import {
  blankPage,
  expectNoSideways,
  latest,
  open,
  servePage,
  shot,
  token,
} from './opened-page.js';

servePage();

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with a page. */
async function violationsOn(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: AXE });
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    );
  });
}

describe('the page', () => {
  it('shows the answer to a button on the screen of a phone where the button is', async () => {
    const page = await open({ viewport: { width: 360, height: 740 } });
    const isOnScreen = (selector: string) =>
      page.locator(selector).evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        // Half a pixel is what scrolling rounds to.
        return top >= -0.5 && bottom <= innerHeight + 0.5;
      });
    for (const [button, place] of [
      ['#issue button', '#token'],
      ['#issue button', '#presented'],
      ['#verify', '#answer'],
      ['#alter', '#answer'],
      ['#shift', '#answer'],
      ['#other-host', '#answer'],
      ['#verify', '#answer'],
      ['#restore', '#answer'],
      ['#clock-back', '#clock-text'],
      ['#clock-now', '#clock-text'],
      ['#clock-forward', '#clock-text'],
    ] as const) {
      for (const edge of ['start', 'end'] as const) {
        await page.locator(button).evaluate((element, block) => {
          element.scrollIntoView({ block });
          (element as HTMLButtonElement).click();
        }, edge);
        const where = `${place} after ${button} at the ${edge} of the screen`;
        expect(await isOnScreen(place), where).toBe(true);
        expect(await isOnScreen(button), `${button} itself`).toBe(true);
      }
    }
    // The form that takes a token closes, and the next button has the focus.
    await page.click('summary:has-text("Paste")');
    await page.fill('#pasted', await token(page));
    await page.click('text=Use this token');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('verify');
    for (const place of ['#presented', '#verify']) expect(await isOnScreen(place)).toBe(true);
    await page.close();
  });

  it('can be used with the keyboard alone', async () => {
    const page = await open();
    const reached: string[] = [];
    for (let i = 0; i < 40; i++) {
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
      'other-host',
      'restore',
      'tiny',
      'bench',
    ]) {
      expect(reached).toContain(id);
    }
    expect(await latest(page)).toBe('accepted');
    await page.close();
  });

  it('fits the screen of a phone', async () => {
    const page = await open({ viewport: { width: 360, height: 740 } });
    await page.click('#verify');
    await page.click('#shift');
    await page.click('#verify');
    await page.click('#other-host');
    await page.click('summary:has-text("Paste")');
    await page.click('summary:has-text("as text")');
    await expectNoSideways(page);
    await page.screenshot({ path: shot('phone'), fullPage: true });
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no fault that axe finds, in ${colorScheme}`, async () => {
      const page = await open({ colorScheme, bypassCSP: true });
      await page.click('#verify');
      await page.click('#alter');
      await page.click('#verify');
      expect(await violationsOn(page)).toEqual([]);
      await page.screenshot({ path: shot(colorScheme), fullPage: true });
      await page.close();
    });
  }

  it('measures itself against WebCrypto and @noble/hashes while it stays usable', async () => {
    const page = await open({ viewport: { width: 1000, height: 800 } });
    await page.evaluate(() => {
      // Half a second is enough: a round more or less changes nothing here.
      window.Worker = class extends Worker {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, { ...options, name: '500' });
        }
      };
    });
    await page.click('#bench');
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await expect.poll(() => page.locator('#bench-state').textContent()).toBe('Done.');
    const rows = await page.locator('#rates tbody th').allTextContents();
    expect(rows).toEqual([
      'totp-token, batches',
      'totp-token, one by one',
      '@noble/hashes',
      'WebCrypto',
    ]);
    const rates = await page.locator('#rates tbody td:nth-child(2)').allTextContents();
    for (const rate of rates) expect(Number(rate.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(await page.locator('#chart canvas').count()).toBe(1);
    await page.close();
  });

  /** Rates of ours and of WebCrypto that take as many digits as on any machine. */
  it.each([
    [88_888_888, 8888.8],
    [99_999_999, 1],
    [1_234_567, 345_678],
    [0.4, 88_888_888],
  ])(
    'fits the screen of a phone with %d and %d tokens a second, and grows with its window',
    async (ours, theirs) => {
      const page = await open({ viewport: { width: 1000, height: 800 } });
      await page.evaluate(
        ([ours, theirs]) => {
          // Stands in for the thread that measures, and reports these rates.
          window.Worker = class extends EventTarget {
            onmessage?: (event: { data: unknown }) => void;
            constructor() {
              super();
              const turn = (name: string, tokensASecond: number, atMs: number) =>
                this.onmessage?.({ data: { name, tokensASecond, atMs } });
              setTimeout(() => {
                for (let atMs = 1000; atMs <= 10_000; atMs += 1000) {
                  for (const name of [
                    'totp-token, batches',
                    'totp-token, one by one',
                    '@noble/hashes',
                  ]) {
                    turn(name, ours as number, atMs);
                  }
                  turn('WebCrypto', theirs as number, atMs);
                }
                this.onmessage?.({ data: 'done' });
              });
            }
            terminate() {}
          } as never;
        },
        [ours, theirs],
      );
      await page.click('#bench');
      await expect.poll(() => page.locator('#bench-state').textContent()).toBe('Done.');
      const rates = await page.locator('#rates tbody td:nth-child(2)').allTextContents();
      expect(rates.map((rate) => Number(rate.replaceAll(',', '')))).toEqual(
        [ours, ours, ours, theirs].map(Math.round),
      );
      // The chart shrinks to a page as wide as a phone, and grows with the page again.
      const width = () =>
        page.locator('#chart canvas').evaluate((canvas) => canvas.getBoundingClientRect().width);
      const wide = await width();
      for (const phone of [320, 360]) {
        await page.setViewportSize({ width: phone, height: 740 });
        await expect.poll(width).toBeLessThan(phone);
        await expectNoSideways(page);
      }
      await page.screenshot({ path: shot('bench'), fullPage: true });
      await page.setViewportSize({ width: 1000, height: 800 });
      await expect.poll(width).toBe(wide);
      await page.close();
    },
  );
});

describe('the report of the bench', () => {
  let report: string;
  beforeAll(() => {
    report = reportOf();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be read on a phone, and has no fault that axe finds, in ${colorScheme}`, async () => {
      const page = await blankPage({ colorScheme, viewport: { width: 360, height: 740 } });
      await page.setContent(report);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('figure .bars').first().locator('li').count()).toBe(8);
      expect(await page.locator('.findings li').count()).toBe(3);
      expect(await violationsOn(page)).toEqual([]);
      await page.screenshot({ path: shot(`report-${colorScheme}`) });
      // Opened, everything that is folded is looked at too.
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      // No name or value of a chart is wider than its chart, or lies on a bar.
      const overlaps = await page.evaluate(() =>
        [...document.querySelectorAll('.bars li')].flatMap((item) => {
          const bar = item.querySelector('i')?.getBoundingClientRect();
          const right = item.getBoundingClientRect().right;
          return [...item.querySelectorAll('span')]
            .map((text) => ({ text: text.textContent, at: text.getBoundingClientRect() }))
            .filter(({ at }) => at.right > right + 0.5 || at.bottom > (bar?.top ?? 0) + 0.5)
            .map(({ text }) => text);
        }),
      );
      expect(overlaps).toEqual([]);
      await page.close();
    });
  }
});
