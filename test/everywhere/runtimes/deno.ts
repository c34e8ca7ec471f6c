import { run } from '../lib/child.js';
import { firstThatExists, inPackage, onPath } from '../lib/find.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

const SYSTEMS: Readonly<Record<string, string>> = {
  'linux x64': 'linux-x64-glibc',
  'linux arm64': 'linux-arm64-glibc',
  'darwin x64': 'darwin-x64',
  'darwin arm64': 'darwin-arm64',
  'win32 x64': 'win32-x64',
};

export const deno: Runtime = {
  name: 'Deno',
  advice: 'npm install brings it, or let TOTP_TOKEN_DENO name one',
  async find() {
    const system = SYSTEMS[`${process.platform} ${process.arch}`];
    const file = firstThatExists([
      process.env.TOTP_TOKEN_DENO,
      inPackage(`@deno/${system}`, process.platform === 'win32' ? 'deno.exe' : 'deno'),
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
