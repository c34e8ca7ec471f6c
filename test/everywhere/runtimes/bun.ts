import { statSync } from 'node:fs';
import { run } from '../lib/child.js';
import { firstThatExists, inPackage, onPath } from '../lib/find.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

/** Where Bun is. The package’s binary lies there after its install script, and in another package before. */
export function findBun(): string | undefined {
  const installed = firstThatExists([inPackage('bun', 'bin', 'bun.exe')]);
  const isBinary = installed !== undefined && statSync(installed).size > 1_000_000;
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch;
  return firstThatExists([
    process.env.TOTP_TOKEN_BUN,
    isBinary ? installed : undefined,
    inPackage(`@oven/bun-${system}-${arch}`, 'bin', 'bun'),
    onPath('bun'),
  ]);
}

export const bun: Runtime = {
  name: 'Bun',
  advice: 'npm install brings it, or let TOTP_TOKEN_BUN name one',
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
