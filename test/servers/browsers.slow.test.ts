/** A real browser behind nginx and behind Caddy, by the recipes: login, renewal and logout. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { CHROMIUM_ADVICE, findChromium, launch } from '../../tools/testbed/chromium.js';
import { freePort } from '../../tools/testbed/free-port.js';
import { notRun } from '../../tools/testbed/not-run.js';
import { tempFolder } from '../package/temp.js';
import { freshToken } from '../unit/gateway/harness.js';
import { started } from '../unit/server/server-harness.js';
import { JID } from '../unit/token/reference.js';
import { type CgiApp, cgiApp } from './cgi-app.js';
import { gatewayConfig, startProxy } from './proxy-stage.js';

const [, PAGE = ''] =
  /```html\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs', 'browsers.md'), 'utf8')) ?? [];
const temp = tempFolder();
let browser: Browser | undefined;

beforeAll(async () => {
  const found = await findChromium();
  if (found !== undefined) browser = await launch(found);
  return async () => void (await browser?.close());
});
beforeEach(() => {
  if (browser === undefined) notRun('Chromium', CHROMIUM_ADVICE);
});

describe.each(['nginx', 'Caddy'])('behind %s', (name) => {
  const sockets = mkdtempSync(join(tmpdir(), 'totp-browser-'));
  const cleanUps: (() => unknown)[] = [];
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    rmSync(sockets, { recursive: true, force: true });
  });

  async function stage() {
    const app: CgiApp = await cgiApp();
    cleanUps.push(() => app.close());
    const port = await freePort();
    // A browser counts this machine as a secure place, so the __Host- cookie can be set there.
    const url = `http://127.0.0.1:${port}`;
    const login = await loginPage(`${url}/v1/session`);
    cleanUps.push(() => login.close());
    const gateway = await started('', {
      config: { ...gatewayConfig(sockets, url, login.url), listen: `unix:${sockets}/http` },
    });
    const folder = join(temp, name);
    mkdirSync(folder);
    const proxy = await startProxy(name, folder, { sockets, app: app.port, proxy: port });
    cleanUps.push(() => proxy.stop());
    return { app, url, login, gateway };
  }

  /** The login page of the docs at an origin of its own, whose form goes to the gateway. */
  async function loginPage(action: string) {
    const page = PAGE.replace('https://app.example.com/v1/session', action);
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(page);
    });
    server.listen(0);
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return {
      url,
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  it('a person logs in, comes back to the page, stays while it is used, and logs out', async () => {
    const { app, url, login, gateway } = await stage();
    const context = await (browser as Browser).newContext();
    cleanUps.push(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(0);
    const got = () => app.requests.filter(({ target }) => !target.startsWith('/favicon'));
    const wanted = `${url}/page?x=1&y=%2F`;
    const fill = async (token: string) => {
      await page.fill('[name=jid]', JID);
      await page.fill('[name=token]', token);
      await page.click('button');
    };

    await page.goto(wanted);
    expect(page.url()).toBe(`${login.url}?return_to=${encodeURIComponent(wanted)}`);
    await fill('no token');
    await page.waitForURL(/error=rejected/);
    expect(await page.textContent('#error')).toBe('rejected');
    expect(got()).toEqual([]);

    // The same form at a site that is not listed: localhost is another one than 127.0.0.1.
    await page.goto(login.url.replace('127.0.0.1', 'localhost'));
    await fill(freshToken());
    await page.waitForURL(`${url}/v1/session`);
    expect(await page.textContent('body')).toContain('forbidden');
    expect(await context.cookies(url)).toEqual([]);

    await page.goto(wanted);
    await fill(freshToken());
    await page.waitForURL(wanted);
    expect(got()).toMatchObject([{ target: '/page?x=1&y=%2F', env: { HTTP_X_AUTH_JID: JID } }]);
    const cookieNow = async () => (await context.cookies(url))[0]!;
    const first = await cookieNow();
    expect(first).toMatchObject({
      name: '__Host-totp-token',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    });

    gateway.clock.timeMs += 450_000;
    await page.goto(`${url}/later`);
    const renewed = await cookieNow();
    expect(renewed.value).not.toBe(first.value);
    // The first one would have ended by now.
    gateway.clock.timeMs += 460_000;
    await page.goto(`${url}/later`);
    expect(got().at(-1)).toMatchObject({ target: '/later', env: { HTTP_X_AUTH_JID: JID } });

    const status = (method: string, path: string) =>
      page.evaluate(
        ([how, where]) => fetch(where!, { method: how! }).then((answer) => answer.status),
        [method, path],
      );
    expect(await status('GET', '/data')).toBe(200);
    expect(await status('DELETE', '/v1/session')).toBe(204);
    expect(await context.cookies(url)).toEqual([]);
    // A script is refused in a way that opens no window, and a person is sent to log in.
    expect(await status('GET', '/data')).toBe(401);
    await page.goto(wanted);
    expect(page.url()).toBe(`${login.url}?return_to=${encodeURIComponent(wanted)}`);
  });
});
