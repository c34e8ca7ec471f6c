/**
 * Runtimes that lack or forbid something: one error each, which names the missing feature and the
 * fix.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Browser,
  PAGE,
  reporting,
  type Stage,
  visitAll,
} from '../../tools/testbed/browser.js';
import { run } from '../../tools/testbed/child.js';
import { CHROMIUM_ADVICE, findChromium, SharedChromium } from '../../tools/testbed/chromium.js';
import { FIREFOX_ADVICE, findFirefox, firefoxBrowser } from '../../tools/testbed/firefox.js';
import { notRun } from '../../tools/testbed/not-run.js';
import { findWebKit, WEBKIT_ADVICE, webKitBrowser } from '../../tools/testbed/webkit.js';
import { tempFolder } from '../package/temp.js';
import { bun as bunRuntime, findBun } from './kinds/bun.js';
import { app, WORKS } from './lib/app.js';
import { Consumer } from './lib/consumer.js';

const folder = tempFolder();
let consumer: Consumer;
beforeAll(async () => {
  consumer = await Consumer.make(folder);
});

/** Prints what each entry throws. */
const PROGRAM = (before: string) => `${before}
const { createIssuer, createVerifier, generateKeys, hmacSha256, loadCore, totp } = await import('totp-token');
const attempts = {
  loadCore,
  createVerifier,
  createIssuer,
  generateKeys,
  hmacSha256: () => hmacSha256('key', 'message'),
  totp: () => totp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }),
};
const answers = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    answers[name] = 'works';
  } catch (error) {
    answers[name] = [error.name, error.code, error.message].join(': ');
  }
}
console.log(JSON.stringify(answers));
`;

const REFUSED = 'VerifierError: ERR_ENGINE_UNAVAILABLE: this runtime';
const NO_WASM = `${REFUSED} has no WebAssembly; use one that has it, with SIMD`;
const NO_SIMD = `${REFUSED} has no WebAssembly SIMD; use Node 20, Chrome 93, Firefox 102, Safari 16.4 or later`;
const NO_RANDOM = `${REFUSED} has no crypto.getRandomValues; use one that has it (Node 20, any browser), or`;

const everyEntry = (error: string) => ({
  loadCore: error,
  createVerifier: error,
  createIssuer: error,
  generateKeys: 'works',
  hmacSha256: error,
  totp: error,
});

describe('every function fails with an error that names the fix', () => {
  async function answers(
    file: string,
    args: readonly string[],
    env = {},
    before = '',
  ): Promise<unknown> {
    const main = consumer.write('main.js', PROGRAM(before));
    return JSON.parse(await run(file, [...args, main], { env, cwd: folder }));
  }

  it('in a runtime without WebAssembly', async () => {
    expect(await answers(process.execPath, ['--jitless', '--no-warnings'])).toEqual(
      everyEntry(NO_WASM),
    );
  });

  it.runIf(process.arch === 'x64')(
    'on a processor without SSE 4.1, and so without SIMD',
    async () => {
      expect(await answers(process.execPath, ['--no-enable-sse4-1'])).toEqual(everyEntry(NO_SIMD));
    },
  );

  it('in JavaScriptCore without SIMD', async () => {
    const bun = findBun();
    if (bun === undefined) notRun(bunRuntime.name, bunRuntime.advice);
    expect(await answers(bun, [], { BUN_JSC_useWasmSIMD: '0' })).toEqual(everyEntry(NO_SIMD));
  });

  it('in a runtime without crypto.getRandomValues, if it needs random bytes', async () => {
    const expected = {
      ...everyEntry('works'),
      createIssuer: `${NO_RANDOM} hand in randomBytes`,
      generateKeys: `${NO_RANDOM} make the keys elsewhere`,
    };
    for (const before of [
      'delete globalThis.crypto;',
      'delete Crypto.prototype.getRandomValues;',
    ]) {
      expect(await answers(process.execPath, [], {}, before)).toEqual(expected);
    }
  });
});

describe('a page with a Content-Security-Policy', async () => {
  const found = await findChromium();
  const chromium = found && new SharedChromium(found);
  afterAll(() => chromium?.close());
  const [firefox, webKit] = [await findFirefox(), await findWebKit()];
  const browsers: readonly (readonly [string, Browser | undefined, string])[] = [
    ['Chromium', chromium, CHROMIUM_ADVICE],
    ['Firefox', firefox === undefined ? undefined : firefoxBrowser(firefox), FIREFOX_ADVICE],
    ['WebKitGTK', webKit === undefined ? undefined : webKitBrowser(webKit), WEBKIT_ADVICE],
  ];
  /** A page under a policy that allows these scripts. */
  const under = (scripts: string): Stage => ({
    site: (next) => ({
      '/': { text: PAGE },
      '/page.js': { text: reporting(app('./standalone.js'), 'tryIt()', next) },
      '/standalone.js': {
        file: consumer.path('node_modules', 'totp-token', 'dist', 'standalone.js'),
      },
    }),
    headers: {
      'content-security-policy': `default-src 'none'; connect-src 'self'; img-src data:; script-src ${scripts}`,
    },
  });

  for (const [name, browser, advice] of browsers) {
    if (browser === undefined) {
      it(`of ${name} works with 'wasm-unsafe-eval'`, () => notRun(name, advice));
      continue;
    }
    it(`of ${name} works with 'wasm-unsafe-eval', and fails without it by an error that names it`, async () => {
      const [allowed, refused] = await visitAll(browser, [
        under("'self' 'wasm-unsafe-eval'"),
        under("'self'"),
      ]);
      expect(allowed).toBe(WORKS);
      expect(refused).toMatchObject({ code: 'ERR_ENGINE_UNAVAILABLE' });
      expect(refused).toMatchObject({
        message: expect.stringContaining("script-src 'wasm-unsafe-eval'"),
      });
    });
  }
});
