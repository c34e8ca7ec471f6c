/**
 * What README draws. code-blocks.test.ts runs its code, and start.test.ts its command and compares
 * the picture.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import prosody from '../vectors/prosody-tokens.json' with { type: 'json' };

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

it("draws a token that Prosody's module accepted, with its parts where they are", () => {
  const [, token = '', braces = ''] = /^ {4}(\d{40} \S{44})\n {4}(└.*)$/m.exec(readme) ?? [];
  expect(prosody.find((each) => each.token === token)?.expected).toBe('accept');
  const parts = [...braces.matchAll(/└─* ?(\w+) ─*┘/g)].map(({ 0: brace, 1: name, index }) => [
    name,
    token.slice(index, index + brace.length),
  ]);
  expect(parts).toEqual([
    ['OTP', token.slice(0, 8)],
    ['nonce', token.slice(8, 40)],
    ['signature', token.slice(41)],
  ]);
});

it('shows the same token in the picture of npm start, and none other', () => {
  const [, token = 'none'] = /^ {4}(\d{40} \S{44})$/m.exec(readme) ?? [];
  const picture = readFileSync(join(ROOT, 'docs', 'start.svg'), 'utf8');
  const lines = [...picture.matchAll(/^<text .*?>(.*)<\/text>$/gm)].map(([, line]) => line);
  expect(lines.join('').match(/\d{40} [\w+/]{43}=/g)).toEqual([token]);
});

it('names the two commands that CI runs', () => {
  const ci = readFileSync(join(ROOT, '.ci', 'run'), 'utf8');
  const commands = [...ci.matchAll(/^(npm .*) \|\| failed=1$/gm)].map(([, command]) => command);
  expect(commands).toHaveLength(2);
  for (const command of commands) expect(readme).toContain(`\`${command}\``);
});
