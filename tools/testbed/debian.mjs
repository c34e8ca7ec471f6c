// Finds the programs that the tests use, and installs them on Debian. It uses only Node's modules,
// because `npm test` runs it before vitest starts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Debian packages, by a file that shows that the package is installed. The file is relative to a
 * folder of programs.
 */
export const PACKAGES = {
  nginx: 'nginx-light',
  caddy: 'caddy',
  haproxy: 'haproxy',
  'redis-server': 'redis-server',
  prosody: 'prosody',
  '../lib/prosody/modules/mod_auth_dovecot': 'prosody-modules',
  erl: 'erlang-base',
  ejabberdctl: 'ejabberd',
  curl: 'curl',
  openssl: 'openssl',
  bash: 'bash',
  script: 'bsdutils',
  python3: 'python3',
  php: 'php-cli',
  ruby: 'ruby',
  perl: 'perl',
  'lua5.4': 'lua5.4',
  'firefox-esr': 'firefox-esr',
  'xvfb-run': 'xvfb',
  xauth: 'xauth',
};

const WEBKIT = 'libwebkit2gtk-4.1-0';
const FOLDERS = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/local/sbin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/opt/homebrew/bin',
];

/**
 * Whether the tests must act as if a program were missing. `TOTP_TOKEN_WITHOUT` lists names of
 * programs. `all` also hides the runtimes and browsers.
 *
 * @param {string} [name]
 */
export function isHidden(name) {
  const hidden = (process.env.TOTP_TOKEN_WITHOUT ?? '').split(',');
  return hidden.includes('all') || (name !== undefined && hidden.includes(name));
}

/**
 * The path of a program.
 *
 * @param {string} program
 * @returns {string | undefined}
 */
export const findProgram = (program) =>
  isHidden(program)
    ? undefined
    : FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** Whether this process may install programs: as root, on Debian, without `TOTP_TOKEN_WITHOUT`. */
export const mayInstall = () =>
  process.getuid?.() === 0 &&
  !process.env.TOTP_TOKEN_WITHOUT &&
  findProgram('apt-get') !== undefined;

// In this runlevel no service is started. The tests start the servers that they need.
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

/** @param {readonly string[]} args */
const apt = (...args) =>
  spawnSync(
    'apt-get',
    ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends', ...args],
    {
      env,
      stdio: 'ignore',
    },
  ).status === 0;

/**
 * Installs packages. Does nothing if that fails, for example without a network. The tests notice a
 * missing program.
 *
 * @param {readonly string[]} packages
 */
export function install(...packages) {
  if (!mayInstall() || apt('install', ...packages)) return;
  // A fresh system has no list of packages yet.
  apt('update');
  apt('install', ...packages);
}

/** The packages that this machine, a Debian, lacks. */
export function missingPackages() {
  const lacking = Object.entries(PACKAGES).filter(
    ([program]) => findProgram(program) === undefined,
  );
  const isInstalled = readdirSync('/var/lib/dpkg/info').some((name) =>
    name.startsWith(`${WEBKIT}:`),
  );
  const webkit = isInstalled ? [] : [WEBKIT];
  return [...lacking.map(([, name]) => name), ...webkit];
}

// As a program, installs all of them before the tests.
if (process.argv[1] === import.meta.filename) install(...missingPackages());
