/** `npm start`, its picture in README, and its end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { npmStart, verify } from '../../tools/lib/npm-start.mjs';
import { ROOT } from '../../tools/lib/process.mjs';
import { startPicture } from '../../tools/lib/start-picture.mjs';

it("npm start says what README's picture shows, and a signal to npm ends the gateway and its page", {
  timeout: 300_000,
}, async () => {
  const started = await npmStart();
  const { gateway, page, body } = started;
  const answers: string[] = [];
  try {
    expect(await (await fetch(page)).text()).toMatch(/<title>/);
    expect((await fetch(new URL('/healthz', gateway))).status).toBe(200);
    answers.push(await verify(started), await verify(started));
    // What the page does with the command that was printed: its own host asks the gateway.
    const headers = { 'content-type': 'application/json' };
    const asked = await fetch(new URL('/gateway/verify', page), { method: 'POST', headers, body });
    expect(await asked.json()).toMatchObject({ ok: false, code: 'replayed' });
  } finally {
    await started.stop();
  }
  await expect(fetch(page)).rejects.toThrow();
  await expect(fetch(gateway)).rejects.toThrow();

  expect(answers[0]).toMatch(/^HTTP\/1.1 200 OK\n.*"ok":true/s);
  expect(answers[1]).toMatch(/^HTTP\/1.1 401 Unauthorized\n.*"code":"replayed"/s);
  const picture = readFileSync(join(ROOT, 'docs', 'start.svg'), 'utf8');
  expect(picture, 'run node tools/start-picture.mjs').toBe(startPicture(started, answers));
});
