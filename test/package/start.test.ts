/** `npm start` and its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';

const SHOWN_ADDRESS = 'http://127.0.0.1:8080';
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** The lines that README shows of it, as patterns: `…` stands for any text in a line. */
const shown = (/\$ npm start\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('$'))
  .map((line) => line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*'))
  // A step may end between the token and its use.
  .map((pattern) => pattern.replace('"drift":0', '"drift":(?:0|-1)'))
  .map((pattern) => new RegExp(`^${pattern}$`, 'm'));

it('npm start says what README shows, and a signal to npm ends the gateway and its page', {
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
  for (let use = 0; use < 2; use++) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(new URL('/v1/verify', gateway), { method: 'POST', headers, body });
    said += `HTTP/1.1 ${answer.status} ${answer.statusText}\n${await answer.text()}\n`;
  }
  // What the page does with the command that was printed: its own host asks the gateway.
  const headers = { 'content-type': 'application/json' };
  const asked = await fetch(new URL('/gateway/verify', page), { method: 'POST', headers, body });
  expect(await asked.json()).toMatchObject({ ok: false, code: 'replayed' });
  child.kill('SIGTERM');
  await over;
  expect(shown).toHaveLength(8);
  for (const line of shown) expect(said.replaceAll(gateway, SHOWN_ADDRESS)).toMatch(line);
  await expect(fetch(page)).rejects.toThrow();
  await expect(fetch(gateway)).rejects.toThrow();
});
