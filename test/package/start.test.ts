/** `npm start` and its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';

it('npm start runs a gateway with its page, and a signal to npm ends both', {
  timeout: 300_000,
}, async () => {
  const { file, args, shell } = npm(['start', '--', '--listen', '127.0.0.1:0']);
  const child = spawn(file, args, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  // When all that hold its output have ended: npm, its shell and the gateway.
  const over = once(child, 'close');
  let said = '';
  const listening = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const [, url] = /"address":"(http:[^"]+)"[^\n]*\n/.exec(said) ?? [];
      if (url !== undefined && /"msg":"listening"/.test(said)) resolve(url);
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const url = await Promise.race([listening, over.then(() => expect.fail(said))]);
  expect(await (await fetch(url)).text()).toMatch(/<title>/);
  child.kill('SIGTERM');
  await over;
  await expect(fetch(url)).rejects.toThrow();
});
