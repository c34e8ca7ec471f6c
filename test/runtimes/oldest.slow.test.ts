/**
 * The oldest browsers that README and errors name: the package uses no syntax and no built-ins that
 * they lack.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { run } from '../../tools/testbed/child.js';
import { tempFolder } from '../package/temp.js';
import { program, reportOf } from './kinds/runtime.js';
import { Consumer } from './lib/consumer.js';
import { CASES } from './suite/index.js';

const OLDEST = 'Node 20, Chrome 93, Firefox 102, Safari 16.4';
const TARGETS = ['node20', 'chrome93', 'firefox102', 'safari16.4'];

/** Built-ins that at least one of these browsers lacks, so that no code may depend on them. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  globalThis: ['structuredClone', 'Iterator'],
  'String.prototype': ['isWellFormed', 'toWellFormed'],
  'Array.prototype': ['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with'],
  'Uint8Array.prototype.__proto__': ['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'with'],
  Uint8Array: ['fromBase64', 'fromHex'],
  'Uint8Array.prototype': ['setFromBase64', 'setFromHex', 'toBase64', 'toHex'],
  'ArrayBuffer.prototype': ['resize', 'transfer', 'transferToFixedLength'],
  'Set.prototype': [
    'difference',
    'intersection',
    'isDisjointFrom',
    'isSubsetOf',
    'isSupersetOf',
    'union',
  ],
  Array: ['fromAsync'],
  Map: ['groupBy'],
  Object: ['groupBy'],
  Promise: ['try', 'withResolvers'],
  RegExp: ['escape'],
  URL: ['canParse', 'parse'],
  AbortSignal: ['any', 'timeout'],
};

const WITHOUT_LATER = Object.entries(LATER)
  .flatMap(([holder, names]) =>
    names.map((name) => `if (!delete ${holder}.${name}) throw new Error('${name}');`),
  )
  .join('\n');

describe(`the oldest named browsers: ${OLDEST}`, () => {
  const folder = tempFolder();
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.make(folder);
  });

  it('are the same in the README and in the error', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`(${OLDEST})`);
    expect(readFileSync(join(ROOT, 'src', 'wasm', 'unavailable.ts'), 'utf8')).toContain(
      `use ${OLDEST} `,
    );
  });

  it('can parse every published entry for browsers', async () => {
    const written = async (target: string | string[]) => {
      const { outputFiles } = await build({
        stdin: {
          contents: "export * from 'totp-token'; export * from 'totp-token/xmpp';",
          resolveDir: ROOT,
        },
        ...{ bundle: true, minify: true, format: 'esm', target, write: false },
        tsconfigRaw: '{}',
        // All of them know the general categories, which are all that we use. esbuild assumes
        // newer scripts.
        supported: { 'regexp-unicode-property-escapes': true },
      });
      return outputFiles[0]!.text;
    };
    // esbuild would rewrite syntax that one of them cannot parse.
    expect((await written(TARGETS)) === (await written('esnext'))).toBe(true);
  });

  it('can pass the suite without later built-ins', async () => {
    // A timer, as Node 20 on a busy machine may end while a module is compiled, with 13: nothing
    // else keeps its loop going.
    const awake = `const awake = setInterval(() => {}, 1000);\n${program(false)}clearInterval(awake);\n`;
    const main = consumer.write('oldest.js', `import './without.js';\n${awake}`);
    consumer.write('without.js', WITHOUT_LATER);
    const report = reportOf(await run(process.execPath, [main]));
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(CASES.length);
  });
});
