import { run } from '../lib/child.js';
import { firstThatExists, inPackage, onPath } from '../lib/find.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

/** Where Bun is. */
export const findBun = (): string | undefined =>
  firstThatExists([
    process.env.TOTP_TOKEN_BUN,
    inPackage('@oven/bun-linux-x64', 'bin', 'bun'),
    onPath('bun'),
  ]);

export const bun: Runtime = {
  name: 'Bun',
  advice: 'npm test installs it on Linux x64; elsewhere let TOTP_TOKEN_BUN name one',
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
