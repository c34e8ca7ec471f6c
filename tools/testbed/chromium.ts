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
import type { Browser } from './browser.js';
import { run } from './child.js';
import { isHidden } from './debian.mjs';
import { firstThatExists, inPackage, onPath, RUNTIMES_FOLDER } from './packages.js';
import { ROOT } from './root.js';

export const CHROMIUM_ADVICE =
  'npm test installs it on Linux x64; elsewhere install one, or let TOTP_TOKEN_CHROMIUM name one';

const FLAGS = [
  '--headless',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  // Without it a headless shell ends as soon as the page is there.
  '--remote-debugging-port=0',
];

/** Where a Chrome or Chromium is, and what it needs in its environment. */
export interface Chromium {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A Chromium: `TOTP_TOKEN_CHROMIUM`, an installed one, one that Playwright downloaded, or the one
 * in the package `@sparticuz/chromium`, which needs nothing else of a Linux on x64.
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
    // Told that it is in a Lambda function, it brings the libraries that a bare system lacks.
    const env = { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' };
    const unpack =
      "import('@sparticuz/chromium').then((chromium) => chromium.default.executablePath())";
    await run(process.execPath, ['--eval', unpack], { cwd: RUNTIMES_FOLDER, env });
    try {
      renameSync(folder, target);
    } catch {
      // Another suite was first.
      rmSync(folder, { recursive: true });
    }
  }
  // The one of the package looks for its font where a Lambda function has it: without one, no text
  // is drawn and none has a width.
  const fonts = join(target, 'fonts.conf');
  writeFileSync(
    fonts,
    `<fontconfig><dir>${join(target, 'fonts')}</dir><cachedir>${target}</cachedir></fontconfig>`,
  );
  const env = { LD_LIBRARY_PATH: join(target, 'al2023', 'lib'), FONTCONFIG_FILE: fonts };
  return { file: join(target, 'chromium'), env };
}

/** How to open a page with it. */
export function chromiumBrowser({ file, env }: Chromium): Browser {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    file,
    env,
    args: (url, profile) => [...FLAGS, ...asRoot, `--user-data-dir=${profile}`, url],
  };
}
