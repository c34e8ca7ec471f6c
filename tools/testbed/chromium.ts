import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser as Running } from 'playwright-core';
import type { Browser, Visit } from './browser.js';
import { HANG_MS, run } from './child.js';
import { isHidden } from './debian.mjs';
import { firstThatExists, inPackage, onPath, RUNTIMES_FOLDER } from './packages.js';
import { ROOT } from './root.js';

export const CHROMIUM_ADVICE =
  'npm run test:slow installs it on Linux x64; elsewhere install one, or let TOTP_TOKEN_CHROMIUM name one';

/** The path of a Chrome or Chromium, and the environment that it needs. */
export interface Chromium {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds a Chromium: `TOTP_TOKEN_CHROMIUM`, an installed one, one that Playwright downloaded, or the
 * one in the package `@sparticuz/chromium`, which runs on any Linux on x64.
 */
export async function findChromium(): Promise<Chromium | undefined> {
  if (isHidden()) return undefined;
  const file =
    process.env.TOTP_TOKEN_CHROMIUM ??
    onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') ??
    firstThatExists([
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      ...ofPlaywright(),
    ]);
  if (file === 'package') return ofPackage();
  return file === undefined ? ofPackage() : { file, env: {} };
}

function ofPlaywright(): string[] {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith('chromium-'))
    .flatMap((name) =>
      ['chrome-linux64', 'chrome-linux'].map((folder) => join(cache, name, folder, 'chrome')),
    );
}

/** Unpacks the package's browser into build/, once. */
async function ofPackage(): Promise<Chromium | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  if (firstThatExists([inPackage('@sparticuz/chromium')]) === undefined) return undefined;
  const target = join(ROOT, 'build', 'chromium');
  if (!existsSync(target)) {
    mkdirSync(join(ROOT, 'build'), { recursive: true });
    const folder = mkdtempSync(`${target}-`);
    // If it believes that it runs in a Lambda function, it unpacks libraries that a bare system
    // lacks.
    const env = { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' };
    const unpack =
      "import('@sparticuz/chromium').then((chromium) => chromium.default.executablePath())";
    await run(process.execPath, ['--eval', unpack], { cwd: RUNTIMES_FOLDER, env });
    try {
      renameSync(folder, target);
    } catch {
      // Another test has unpacked it first.
      rmSync(folder, { recursive: true });
    }
  }
  // The package's browser looks for its font in the place of a Lambda function. Without a font,
  // text is not drawn and has no width.
  const fonts = join(target, 'fonts.conf');
  writeFileSync(
    fonts,
    `<fontconfig><dir>${join(target, 'fonts')}</dir><cachedir>${target}</cachedir></fontconfig>`,
  );
  const env = { LD_LIBRARY_PATH: join(target, 'al2023', 'lib'), FONTCONFIG_FILE: fonts };
  return { file: join(target, 'chromium'), env };
}

/** Starts a Chromium without a window. */
export const launch = ({ file, env }: Chromium): Promise<Running> =>
  chromium.launch({
    executablePath: file,
    // In the locale C of bare systems, a headless Chromium reports a language that Intl refuses.
    env: { ...(process.env as Record<string, string>), ...env, LC_ALL: 'en_US.UTF-8' },
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-dev-shm-usage',
    ],
    timeout: HANG_MS,
  });

/** A Chromium that is started once, with the first page, and runs until it is closed. */
export class SharedChromium implements Browser {
  readonly name: string;
  readonly #found: Chromium;
  #running: Promise<Running> | undefined;

  constructor(found: Chromium) {
    this.name = found.file;
    this.#found = found;
  }

  async open(url: string): Promise<Visit> {
    this.#running ??= launch(this.#found);
    const browser = await this.#running;
    const context = await browser.newContext();
    const page = await context.newPage();
    let output = '';
    page.on('console', (message) => (output += `${message.text()}\n`));
    page.on('pageerror', (error) => (output += `${error}\n`));
    const ended = new Promise<string>((resolve) => {
      browser.on('disconnected', () => resolve('ended'));
      page.on('crash', () => resolve('crashed'));
    });
    // A page may open another page before it has loaded.
    await page.goto(url, { waitUntil: 'commit', timeout: HANG_MS });
    return { ended, output: () => output, close: () => context.close() };
  }

  async close(): Promise<void> {
    await (await this.#running)?.close();
  }
}
