import { type Browser, PAGE, reporting, visit } from '../../../tools/testbed/browser.js';
import { run } from '../../../tools/testbed/child.js';
import { CHROMIUM_ADVICE, findChromium, SharedChromium } from '../../../tools/testbed/chromium.js';
import { FIREFOX_ADVICE, findFirefox, firefoxBrowser } from '../../../tools/testbed/firefox.js';
import {
  findWebKit,
  WEBKIT_ADVICE,
  webKitBrowser,
  webKitVersion,
} from '../../../tools/testbed/webkit.js';
import type { Consumer } from '../lib/consumer.js';
import type { Report } from '../suite/index.js';
import { type Runtime, versionIn } from './runtime.js';

/** Where in a browser a program can run. */
type Place = 'page' | 'Web Worker' | 'service worker';

/** The script of the page that starts the suite in each place. */
const PAGES: Readonly<Record<Place, string>> = {
  page: "import '/suite-here.js';",
  'Web Worker': "new Worker('/suite-here.js', { type: 'module' });",
  'service worker': "navigator.serviceWorker.register('/suite-here.js', { type: 'module' });",
};

/** A service worker lives as long as one of its events does. */
const STAY =
  "if ('clients' in globalThis) addEventListener('install', (event) => event.waitUntil(done));";

/** Only a page that is isolated from other origins may share memory with its threads. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

async function runIn(
  name: string,
  browser: Browser,
  place: Place,
  consumer: Consumer,
  timed: boolean,
): Promise<Report> {
  // A service worker cannot start a thread, and WebKitGTK has no shared memory.
  const hasThreads = place !== 'service worker' && name !== 'WebKitGTK';
  const expression = `runSuite({ timed: ${timed}, hasThreads: ${hasThreads} })`;
  const text = `${reporting("import { runSuite } from '../suite.js';", expression)}${STAY}`;
  const file = await consumer.bundle(`browsers/${name} ${place}`, text);
  // The pool's threads run a file next to the file with the pool. The package declares all modules
  // free of side effects.
  const thread = consumer.path('node_modules', 'totp-token', 'dist', 'pool', 'worker.js');
  const worker = await consumer.bundle(
    `browsers/${name} ${place} thread`,
    `import ${JSON.stringify(thread)};`,
    { ignoreAnnotations: true },
  );
  const site = {
    '/': { text: PAGE },
    '/page.js': { text: PAGES[place] },
    '/suite-here.js': { file },
    '/worker.js': { file: worker },
  };
  const report = (await visit(browser, site, ISOLATED)) as Report | { readonly error: string };
  if ('error' in report) throw new Error(report.error);
  return report;
}

const nameIn = (name: string, place: Place) => (place === 'page' ? name : `${name}, ${place}`);

/** One for the places of all runtimes of this process. */
let shared: SharedChromium | undefined;

export const chromium = (place: Place): Runtime => ({
  name: nameIn('Chromium', place),
  advice: CHROMIUM_ADVICE,
  async find() {
    const found = await findChromium();
    if (found === undefined) return undefined;
    const version = versionIn(
      await run(found.file, ['--version', '--no-sandbox'], { env: found.env }),
    );
    shared ??= new SharedChromium(found);
    const browser = shared;
    return {
      version,
      run: (consumer, timed) => runIn('Chromium', browser, place, consumer, timed),
      close: () => browser.close(),
    };
  },
});

export const firefox = (place: Place): Runtime => ({
  name: nameIn('Firefox', place),
  advice: FIREFOX_ADVICE,
  async find() {
    const file = await findFirefox();
    if (file === undefined) return undefined;
    return {
      version: versionIn(await run(file, ['--version'])),
      run: (consumer, timed) => runIn('Firefox', firefoxBrowser(file), place, consumer, timed),
    };
  },
});

export const webKit = (place: Place): Runtime => ({
  name: nameIn('WebKitGTK', place),
  advice: WEBKIT_ADVICE,
  async find() {
    const file = await findWebKit();
    if (file === undefined) return undefined;
    return {
      version: versionIn(await webKitVersion(file)),
      run: (consumer, timed) => runIn('WebKitGTK', webKitBrowser(file), place, consumer, timed),
    };
  },
});
