import { run } from '../../../tools/testbed/child.js';
import { firstThatExists, inPlatformPackage, onPath } from '../../../tools/testbed/packages.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

const PACKAGES = {
  'linux-x64': '@deno/linux-x64-glibc',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'darwin-x64': '@deno/darwin-x64',
  'darwin-arm64': '@deno/darwin-arm64',
};

/** Where Deno is. */
export const findDeno = (): string | undefined =>
  firstThatExists([
    process.env.TOTP_TOKEN_DENO,
    inPlatformPackage(PACKAGES, 'deno'),
    onPath('deno'),
  ]);

export const deno: Runtime = {
  name: 'Deno',
  advice:
    'npm run test:slow installs it on Linux and macOS; elsewhere let TOTP_TOKEN_DENO name one',
  async find() {
    const file = findDeno();
    if (file === undefined) return undefined;
    return {
      version: versionIn(await run(file, ['--version'])),
      async run(consumer, timed) {
        const main = consumer.write('deno.js', program(timed));
        // No permission is given: the package reads no file, no variable and no network.
        const args = ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual', main];
        return reportOf(
          await run(file, args, { cwd: consumer.folder, env: { DENO_NO_UPDATE_CHECK: '1' } }),
        );
      },
    };
  },
};
