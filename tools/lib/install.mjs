// Installs the dependencies if they differ from package-lock.json.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHidden, mayInstall, missingPackages } from '../testbed/debian.mjs';
import { npm, ROOT, StepFailed, startStep, step } from './process.mjs';

const LOCK = join(ROOT, 'package-lock.json');
/** npm's own record of the installed tree. Absent if npm was interrupted. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.totp-token-install');

/** The tools of the tests need this version. The package itself runs on any Node 20. */
const MIN_NODE = { major: 20, minor: 19 };

/** Runs `npm ci` if node_modules is missing, incomplete or different from package-lock.json. */
export function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MIN_NODE.major || (major === MIN_NODE.major && minor < MIN_NODE.minor)) {
    const wanted = `${MIN_NODE.major}.${MIN_NODE.minor}`;
    process.stderr.write(`this is Node ${process.versions.node}: take ${wanted} or later\n`);
    throw new StepFailed('looking for Node', 1);
  }
  const wanted = `${createHash('sha256').update(readFileSync(LOCK)).digest('hex')}\n`;
  const isCurrent =
    existsSync(INSTALLED) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
  if (isCurrent) return;
  // After `npm install something` the tree is already right, and `npm ci` would install all of it
  // again.
  if (!existsSync(INSTALLED) || !isInstalled()) {
    process.stdout.write('installing the dependencies: npm ci\n');
    // The tools are development dependencies, which NODE_ENV=production would leave out.
    step('npm ci', npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']), {
      loud: true,
    });
  }
  writeFileSync(STAMP, wanted);
}

/** The folder whose packages are the runtimes that tests use. */
const RUNTIMES = join('test', 'runtimes', 'npm');

/**
 * Installs the runtimes if they differ from their lockfile. If that fails, for example without a
 * network, the tests go on and name the missing ones, or fail where none may be missing.
 */
export async function ensureRuntimes() {
  if (isHidden()) return;
  const stamp = join(ROOT, RUNTIMES, 'node_modules', '.totp-token-install');
  const lock = readFileSync(join(ROOT, RUNTIMES, 'package-lock.json'));
  const wanted = `${createHash('sha256').update(lock).digest('hex')}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  // Without a network, npm should not retry for minutes.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
  const flags = [...quiet, '--ignore-scripts', '--prefix', RUNTIMES];
  try {
    await startStep('runtimes: npm ci', npm(['ci', ...flags]));
    writeFileSync(stamp, wanted);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`${error.message}; tests name the runtimes that are missing\n`);
  }
}

/** Installs the servers and browsers that the tests use, all at once, as root on Debian. */
export async function ensureServers() {
  const missing = mayInstall() ? missingPackages() : [];
  if (missing.length === 0) return;
  const file = join(ROOT, 'tools', 'testbed', 'debian.mjs');
  await startStep(`apt-get install ${missing.join(' ')}`, {
    file: process.execPath,
    args: [file],
    shell: false,
  });
}

/**
 * Whether exactly the packages of the lockfile are installed, in their versions. Optional packages
 * may be missing. They are mostly binaries for other platforms.
 */
function isInstalled() {
  const locked = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
  const installed = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages;
  const isSame = (/** @type {string} */ path) =>
    locked[path]?.version === installed[path]?.version &&
    locked[path]?.integrity === installed[path]?.integrity;
  const demanded = Object.keys(locked).filter(
    (path) => path !== '' && !locked[path].optional && !locked[path].devOptional,
  );
  return demanded.every(isSame) && Object.keys(installed).every(isSame);
}
