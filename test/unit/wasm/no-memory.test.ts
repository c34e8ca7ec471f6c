/**
 * Engines reserve gigabytes of addresses for each Wasm memory, so a process that may use few
 * addresses soon gets no further memory.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { ROOT } from '../../../tools/lib/process.mjs';
import { fromDebian } from '../../../tools/testbed/programs.js';
import { run } from '../../package/run.js';

const PROGRAM = `
const { createIssuer, createVerifier, hmacSha256 } = await import('${pathToFileURL(join(ROOT, 'dist', 'index.js'))}');
const kept = [];
const errors = [];
const attempts = [
  async () => { for (;;) kept.push(await createVerifier({ replay: { capacity: 1 } })); },
  createIssuer,
  () => hmacSha256('key', 'message'),
];
for (const attempt of attempts) {
  try {
    await attempt();
    errors.push('works');
  } catch ({ name, code, message, cause }) {
    errors.push({ name, code, message, cause: cause?.name });
  }
}
console.log(JSON.stringify({ kept: kept.length, errors }));
`;

it.runIf(process.platform === 'linux')(
  'fails with ERR_MEMORY, which says what to do, if there is no memory for another core',
  () => {
    const limited = ['-c', 'ulimit -v 40000000; exec "$@"', 'bash', process.execPath];
    const { kept, errors } = JSON.parse(
      run(fromDebian('bash', 'bash'), [...limited, '--input-type=module', '-e', PROGRAM], ROOT),
    );
    expect(kept).toBeGreaterThan(0);
    const error = {
      name: 'VerifierError',
      code: 'ERR_MEMORY',
      message: expect.stringMatching(/^no memory for another core; have fewer verifiers/),
      cause: 'RangeError',
    };
    expect(errors).toEqual([error, error, error]);
  },
);
