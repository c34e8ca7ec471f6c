import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { run } from '../package/run.js';

it('the example of a server in docs/xmpp.md runs with the published package', () => {
  const blocks = readFileSync(join(ROOT, 'docs', 'xmpp.md'), 'utf8').matchAll(/```js\n(.*?)```/gs);
  const examples = [...blocks]
    .map(([, code = '']) => code)
    .filter((code) => code.includes('createXTokenServer'));
  expect(examples).toHaveLength(1);
  const said = run(process.execPath, ['--input-type=module', '--eval', examples[0]!], ROOT);
  expect(said).toMatch(
    /kind: 'success',\s+jid: 'zoë@example\.com'[\s\S]*kind: 'failure',\s+condition: 'not-authorized',\s+reason: 'replayed'/,
  );
});
