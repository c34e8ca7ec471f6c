import { run } from '../lib/child.js';
import { firstThatExists, inPackage, onPath } from '../lib/find.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

export const deno: Runtime = {
  name: 'Deno',
  advice: 'npm test installs it on Linux x64; elsewhere let TOTP_TOKEN_DENO name one',
  async find() {
    const file = firstThatExists([
      process.env.TOTP_TOKEN_DENO,
      inPackage('@deno/linux-x64-glibc', 'deno'),
      onPath('deno'),
    ]);
    if (file === undefined) return undefined;
    return {
      version: versionIn(await run(file, ['--version'])),
      async run(consumer, timed) {
        const main = consumer.write('deno.js', program(timed));
        // No permission is given: the package reads no file, no variable and no network.
        const args = ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual', main];
        return reportOf(await run(file, args, { cwd: consumer.folder, env: { DENO_NO_UPDATE_CHECK: '1' } }));
      },
    };
  },
};
