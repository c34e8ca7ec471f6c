import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, startedForEach } from './browser.js';
import { run } from './child.js';
import { firstThatExists, onPath } from './packages.js';
import { orInstalled } from './programs.js';

const PACKAGES = ['libwebkit2gtk-4.1-0', 'xvfb', 'xauth'];
export const WEBKIT_ADVICE = `apt-get install ${PACKAGES.join(' ')}, on Linux`;

const LIBRARIES = '/usr/lib';

/** The small browser in WebKitGTK's library package, of any architecture and interface. */
function miniBrowser(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  const paths = readdirSync(LIBRARIES)
    .filter((name) => name.includes('-linux-'))
    .flatMap((name) =>
      readdirSync(join(LIBRARIES, name))
        .filter((library) => library.startsWith('webkit'))
        .map((library) => join(LIBRARIES, name, library, 'MiniBrowser')),
    );
  return firstThatExists(paths);
}

/** Finds an installed WebKitGTK with a virtual display, or installs Debian's. */
export const findWebKit = async (): Promise<string | undefined> =>
  orInstalled(
    () => (onPath('xvfb-run') && onPath('xauth') ? miniBrowser() : undefined),
    ...PACKAGES,
  );

/** The display leaves no lock file and no socket in /tmp when it is killed: its socket is abstract. */
const DISPLAY = ['-a', '-s', '-screen 0 1280x1024x24 -nolisten unix -nolock'];

export const webKitVersion = (file: string): Promise<string> =>
  run('xvfb-run', [...DISPLAY, file, '--version']);

export const webKitBrowser = (file: string): Browser =>
  startedForEach({
    file: 'xvfb-run',
    // There may be no bus and no namespaces for a sandbox, and the only page is ours.
    env: {
      NO_AT_BRIDGE: '1',
      GSETTINGS_BACKEND: 'memory',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    },
    args: (url) => [...DISPLAY, file, '--private', url],
  });
