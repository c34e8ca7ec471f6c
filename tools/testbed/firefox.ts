import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, startedForEach } from './browser.js';
import { firstThatExists, onPath } from './packages.js';
import { orInstalled } from './programs.js';

const PACKAGE = 'firefox-esr';
export const FIREFOX_ADVICE = `apt-get install ${PACKAGE}, or let TOTP_TOKEN_FIREFOX name one`;

/** Preferences that stop Firefox from opening other pages or asking other hosts. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
  'trailhead.firstrun.didSeeAboutWelcome': true,
};

/** Finds a Firefox: `TOTP_TOKEN_FIREFOX`, an installed one, or Debian's. */
export const findFirefox = async (): Promise<string | undefined> =>
  orInstalled(
    () =>
      firstThatExists([process.env.TOTP_TOKEN_FIREFOX]) ??
      onPath('firefox', 'firefox-esr') ??
      firstThatExists(['/Applications/Firefox.app/Contents/MacOS/firefox']),
    PACKAGE,
  );

export const firefoxBrowser = (file: string): Browser =>
  startedForEach({
    file,
    args(url, profile) {
      const lines = Object.entries(PREFERENCES).map(
        ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
      );
      writeFileSync(join(profile, 'user.js'), lines.join(''));
      return ['--headless', '--no-remote', '--profile', profile, url];
    },
  });
