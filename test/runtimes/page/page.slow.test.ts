/** The page in a real browser, by acting on it. */
import type { Page } from 'playwright-core';
import { renderSVG } from 'uqr';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../../../src/gateway/index.js';
import {
  createIssuer,
  generateKeys,
  otpauthUri,
  parseOtpauthUri,
  totp,
  VERDICT_CODES,
} from '../../../src/index.js';
import { latest, NOW_MS, open, servePage, token } from './opened-page.js';

servePage();

const presented = async (page: Page) => ({
  name: await page.locator('#presented').textContent(),
  marked: await page.locator('#presented mark').allTextContents(),
  about: await page.locator('#presented-about').textContent(),
  signature: await page.locator('#parts dd').last().textContent(),
});
describe('the page', () => {
  it('shows the parts of a token, and the code that it begins with', async () => {
    const page = await open();
    const text = await token(page);
    expect(text).toMatch(/^\d{40} [A-Za-z0-9+/]{43}=$/);
    const parts = await page.locator('#token span').allTextContents();
    expect(parts.map(({ length }) => length)).toEqual([8, 32, 1, 44]);
    expect(await page.locator('#parts dt').allTextContents()).toEqual([
      'OTP',
      'Nonce',
      'Space',
      'Signature',
    ]);
    expect(await page.locator('#qr svg').count()).toBe(1);
    expect(await page.locator('#clock-text').textContent()).toMatch(
      /^Step \d+, \d+ s left of 30; .* true time/,
    );
    expect(await page.locator('#code').textContent()).toMatch(/^\d{8}$/);
    await page.close();
  });

  it('accepts a token once, and then rejects it as replayed', async () => {
    const page = await open();
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.click('#verify');
    expect(await latest(page)).toBe('replayed');
    await page.click('text=Issue a token');
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    // The latest stands under the buttons, the earlier ones below it.
    expect(await page.locator('#verdicts li code').allTextContents()).toEqual([
      'replayed',
      'accepted',
    ]);
    await page.close();
  });

  it('rejects a shifted digit and an altered byte, and accepts the restored token', async () => {
    const page = await open();
    const before = await token(page);
    await page.click('#shift');
    expect((await token(page)).length).toBe(before.length - 1);
    await page.click('#verify');
    expect(await latest(page)).toBe('malformed');
    await page.click('#alter');
    expect(await page.locator('#token mark').count()).toBe(1);
    expect(await page.locator('#answer').textContent()).toMatch(
      /^One character of the signature changed from . to .\. It is not verified yet\.$/,
    );
    await page.click('#verify');
    expect(await latest(page)).toBe('bad-signature');
    await page.click('#restore');
    expect(await token(page)).toBe(before);
    await page.click('#verify');
    expect(await latest(page)).toBe('accepted');
    await page.close();
  });

  it('shows each of the eight verdicts by actions of a visitor', async () => {
    const page = await open({}, NOW_MS);
    const seen: string[] = [];
    const verify = async () => {
      await page.click('#verify');
      seen.push((await latest(page)) ?? '');
    };
    await verify();
    await verify();
    await page.click('#shift');
    await verify();
    await page.click('#alter');
    await verify();
    await page.click('#other-host');
    await verify();
    expect(seen).toEqual(['accepted', 'replayed', 'malformed', 'bad-signature', 'unknown-host']);

    await page.click('text=Issue a token');
    for (let i = 0; i < 3; i++) await page.click('#clock-forward');
    await verify();
    await page.click('text=Issue a token');
    await verify();
    await page.click('#clock-now');
    await page.click('text=Issue a token');
    await verify();
    expect(seen.slice(5)).toEqual(['wrong-otp', 'accepted', 'stale']);

    await page.check('#tiny');
    await verify();
    await page.click('text=Issue a token');
    await verify();
    expect(seen.slice(8)).toEqual(['accepted', 'guard-unavailable']);
    await page.uncheck('#tiny');
    await verify();
    expect(seen.at(-1)).toBe('stale');
    expect(new Set(seen)).toEqual(new Set(VERDICT_CODES));
    await page.close();
  });

  it('shows the code of its clock, and the QR code of a valid otpauth URI', async () => {
    const page = await open({}, NOW_MS);
    const uri = (await page.locator('#uri').textContent()) ?? '';
    const key = parseOtpauthUri(uri);
    expect(key).toMatchObject({
      type: 'totp',
      account: 'example.com',
      issuer: 'totp-token',
      digits: 8,
      period: 30,
    });
    expect(otpauthUri(key)).toBe(uri);
    const path = (svg: string) => / d="([^"]+)"/.exec(svg)?.[1];
    const drawn = path(await page.locator('#qr').innerHTML());
    expect(drawn).toMatch(/^M/);
    expect(drawn).toBe(path(renderSVG(uri, { border: 1 })));

    const shown = async () => [
      await page.locator('#code').textContent(),
      (await token(page)).slice(0, 8),
      await page.locator('#clock-text').textContent(),
      await page.locator('#countdown').evaluate((bar) => (bar as HTMLProgressElement).value),
    ];
    const step = Math.floor(NOW_MS / 30_000);
    const code = totp({ secret: key.secret, timeMs: NOW_MS });
    expect(await shown()).toEqual([
      code,
      code,
      `Step ${step}, 20 s left of 30; this clock is the true time.`,
      20,
    ]);
    await page.clock.runFor(7000);
    expect((await shown()).slice(2)).toEqual([
      `Step ${step}, 13 s left of 30; this clock is the true time.`,
      13,
    ]);
    await page.clock.runFor(13_000);
    const next = totp({ secret: key.secret, timeMs: NOW_MS + 20_000 });
    expect(await shown()).toEqual([
      next,
      code,
      `Step ${step + 1}, 30 s left of 30; this clock is the true time.`,
      30,
    ]);
    await page.click('#clock-back');
    await page.click('text=Issue a token');
    expect((await shown()).slice(0, 3)).toEqual([
      code,
      code,
      `Step ${step}, 30 s left of 30; this clock is one step behind the true time.`,
    ]);
    await page.close();
  });

  it('rejects a token when the clock is moved out of its window, and accepts it within', async () => {
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

  it('explains what is wrong with a name', async () => {
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

  it('says of each changed token which name is presented and which one was signed', async () => {
    const page = await open();
    const name = 'alice@example.com';
    expect(await presented(page)).toEqual({
      name,
      marked: [],
      about: 'The name that the token was issued for.',
      signature: `base64 of the HMAC-SHA-256 that the issuer made over OTP, nonce and “${name}”: it says who.`,
    });
    await page.click('#alter');
    expect(await presented(page)).toEqual({
      name,
      marked: [],
      about: 'The name that the token was issued for.',
      signature: `base64 with one character that is not the issuer’s: it is no longer the HMAC-SHA-256 over OTP, nonce and “${name}”.`,
    });
    await page.click('#other-host');
    expect(await presented(page)).toEqual({
      name: 'alice@another.example',
      marked: ['another.example'],
      about: 'The token was not issued for the marked host.',
      signature: `base64 of the HMAC-SHA-256 that the issuer made over OTP, nonce and “${name}”: it says who.`,
    });
    const digit = (await token(page)).charAt(39);
    await page.click('#shift');
    const shifted = await presented(page);
    expect(shifted).toMatchObject({ name: `${digit}${name}`, marked: [digit] });
    expect(shifted.signature).toContain(`the issuer made over 40 digits and “${name}”.`);
    expect(await page.locator('#parts dd').nth(1).textContent()).toMatch(/^31 digits/);
    // A spelling that the issuer prepares is not the one that it signs.
    await page.fill('#jid', 'ZOË@example.com');
    await page.press('#jid', 'Enter');
    expect(await presented(page)).toEqual({
      name: 'ZOË@example.com',
      marked: [],
      about: 'The verifier prepares it to “zoë@example.com” before it compares.',
      signature:
        'base64 of the HMAC-SHA-256 that the issuer made over OTP, nonce and “zoë@example.com”: it says who.',
    });
    await page.close();
  });

  it('takes a token that a visitor pastes, and says of other text that it is none', async () => {
    const page = await open();
    const issued = await token(page);
    await page.click('text=Issue a token');
    await page.click('summary:has-text("Paste")');
    expect(await page.locator('#gateway-choice').isVisible()).toBe(false);
    const paste = async (text: string, jid: string) => {
      await page.locator('#own').evaluate((own) => {
        (own as HTMLDetailsElement).open = true;
      });
      await page.fill('#pasted', text);
      await page.fill('#pasted-jid', jid);
      await page.click('text=Use this token');
      await page.click('#verify');
      return latest(page);
    };
    expect(await paste(`  ${issued}\n`, 'alice@example.com')).toBe('accepted');
    expect(await paste(issued, 'bob@example.com')).toBe('bad-signature');
    expect((await presented(page)).signature).toMatch(/^To be accepted, .* “bob@example.com”\.$/);
    expect(await paste('let me in', 'alice@example.com')).toBe('malformed');
    expect(await page.locator('#parts dd').textContent()).toMatch(/does not have the form/);
    expect(await page.locator('#alter').isDisabled()).toBe(true);
    await page.close();
  });

  it('has the gateway of npm start verify the command that npm start printed', async () => {
    const hosts = { localhost: generateKeys() };
    const gateway = await createGateway({ hosts, reasons: true });
    const issuer = await createIssuer({ hosts });
    const page = await open({}, undefined, '?gateway');
    await page.route('**/gateway/verify', async (route) => {
      const answer = await gateway.fetch(
        new Request('http://localhost/v1/verify', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: route.request().postData(),
        }),
      );
      // A browser complains of a 401, which is the right answer here.
      await route.fulfill({ status: 200, body: await answer.text() });
    });
    const body = { jid: 'alice@localhost', token: issuer.issue('alice@localhost') };
    await page.click('summary:has-text("Paste")');
    await page.fill('#pasted', `curl -i http://127.0.0.1/v1/verify -d '${JSON.stringify(body)}'`);
    await page.click('text=Use this token');
    expect((await presented(page)).name).toBe('alice@localhost');
    for (const code of ['accepted', 'replayed']) {
      await page.click('#verify');
      await expect.poll(() => latest(page)).toBe(code);
      expect(await page.locator('#answer small').textContent()).toMatch(/gateway of npm start/);
    }
    await page.close();
  });

  it('copies the token, the code and the URI', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] }, NOW_MS);
    const copied = async (what: string) => {
      await page.click(`[data-copies=${what}]`);
      await expect.poll(() => page.locator('.copied:not(:empty)').textContent()).toBe('Copied.');
      await page.clock.runFor(3000);
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('token')).toBe(await token(page));
    expect(await copied('code')).toBe(await page.locator('#code').textContent());
    await page.click('summary:has-text("as text")');
    expect(await copied('uri')).toBe(await page.locator('#uri').textContent());
    await page.close();
  });
});
