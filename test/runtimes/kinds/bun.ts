import { run } from '../../../tools/testbed/child.js';
import { firstThatExists, inPlatformPackage, onPath } from '../../../tools/testbed/packages.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

const PACKAGES = {
  'linux-x64': '@oven/bun-linux-x64',
  'linux-arm64': '@oven/bun-linux-aarch64',
  'darwin-x64': '@oven/bun-darwin-x64',
  'darwin-arm64': '@oven/bun-darwin-aarch64',
};

/** Where Bun is. */
export const findBun = (): string | undefined =>
  firstThatExists([
    process.env.TOTP_TOKEN_BUN,
    inPlatformPackage(PACKAGES, 'bin', 'bun'),
    onPath('bun'),
  ]);

export const bun: Runtime = {
  name: 'Bun',
  advice: 'npm run test:slow installs it on Linux and macOS; elsewhere let TOTP_TOKEN_BUN name one',
  async find() {
    const file = findBun();
    if (file === undefined) return undefined;
    return {
      version: versionIn(await run(file, ['--version'])),
      async run(consumer, timed) {
        return reportOf(
          await run(file, [consumer.write('bun.js', program(timed))], { cwd: consumer.folder }),
        );
      },
    };
  },
};
