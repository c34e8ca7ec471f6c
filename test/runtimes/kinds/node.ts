import { run } from '../../../tools/testbed/child.js';
import { firstThatExists, inPackage } from '../../../tools/testbed/packages.js';
import { program, type Runtime, reportOf, versionIn } from './runtime.js';

/** The version of this Node, for which nothing has to be installed. */
export const THIS_MAJOR = Number(process.versions.node.split('.')[0]);

/** This Node if it is of that version, `TOTP_TOKEN_NODE_22` or the package `node-22-linux-x64`. */
export function node(major: number): Runtime {
  const variable = `TOTP_TOKEN_NODE_${major}`;
  return {
    name: `Node ${major}`,
    advice: `npm run test:slow installs it on Linux and macOS; elsewhere let ${variable} name one`,
    async find() {
      const file =
        major === THIS_MAJOR
          ? process.execPath
          : firstThatExists([
              process.env[variable],
              inPackage(`node-${major}-${process.platform}-${process.arch}`, 'bin', 'node'),
            ]);
      if (file === undefined) return undefined;
      return {
        version: versionIn(await run(file, ['--version'])),
        async run(consumer, timed) {
          return reportOf(await run(file, [consumer.write('node.js', program(timed))]));
        },
      };
    },
  };
}
