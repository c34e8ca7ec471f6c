/** `npm start` and its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';

it('npm start runs a gateway and a page that takes its token, and a signal to npm ends both', {
  timeout: 300_000,
}, async () => {
  const { file, args, shell } = npm(['start', '--', '--listen', '127.0.0.1:0']);
  const child = spawn(file, args, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  // When all that hold its output have ended: npm, its shell and the gateway.
  const over = once(child, 'close');
  let said = '';
  const serving = new Promise<{ gateway: string; page: string; body: string }>((resolve) => {
    const read = (text: string) => {
      said += text;
      const [, gateway] = /"address":"(http:[^"]+)"[^\n]*\n/.exec(said) ?? [];
      const [, page] = /in a browser: (http:\S+)\n/.exec(said) ?? [];
      const [, body] = / -d '([^']+)'\n/.exec(said) ?? [];
      if (gateway !== undefined && page !== undefined && body !== undefined)
        resolve({ gateway, page, body });
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
  });
  const { gateway, page, body } = await Promise.race([serving, over.then(() => expect.fail(said))]);
  expect(await (await fetch(page)).text()).toMatch(/<title>/);
  expect((await fetch(new URL('/healthz', gateway))).status).toBe(200);
  // What the page does with the command that was printed: its own host asks the gateway.
  const ask = async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(new URL('/gateway/verify', page), { method: 'POST', headers, body });
    return answer.json();
  };
  expect(await ask()).toMatchObject({ ok: true, jid: 'alice@example.com' });
  expect(await ask()).toMatchObject({ ok: false, code: 'replayed' });
  child.kill('SIGTERM');
  await over;
  await expect(fetch(page)).rejects.toThrow();
  await expect(fetch(gateway)).rejects.toThrow();
});
