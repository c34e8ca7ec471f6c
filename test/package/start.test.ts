/** `npm start` and its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';

it('npm start runs a gateway with its page, and a signal to npm ends both', async () => {
  const { file, args, shell } = npm(['start', '--', '--listen', '127.0.0.1:0']);
  const child = spawn(file, args, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  await expect.poll(() => said, { timeout: 60_000 }).toMatch(/"msg":"listening"/);
  const url = /"address":"(http:[^"]+)"/.exec(said)?.[1] ?? '';
  expect(await (await fetch(url)).text()).toMatch(/<title>/);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const isUp = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await expect.poll(isUp, { timeout: 20_000 }).toBe(false);
}, 90_000);
