/** The docs use only subcommands and options of the command that exist, in code and in prose. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { runHere } from '../unit/cli/in-process.js';
import { DOCUMENTS } from './doctest/blocks.js';

const help = new Map<string, string>();
async function helpOf(command: string): Promise<string> {
  const known = help.get(command);
  if (known !== undefined) return known;
  const { stdout, code } = await runHere([...command.split(' '), '--help']);
  expect(code, `totp-token ${command}`).toBe(0);
  help.set(command, stdout);
  return stdout;
}

describe('each subcommand and option exists', () => {
  it.each(DOCUMENTS)('that %s mentions', async (name) => {
    const calls = [
      ...readFileSync(join(ROOT, name), 'utf8').matchAll(
        /totp-token ((?:keygen|keys \w+|issue|verify|totp|demo|gateway|check-config|extauth)\b)([^\n`#]*)/g,
      ),
    ];
    for (const [, command = '', rest = ''] of calls) {
      const text = await helpOf(command);
      const options = [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option);
      expect(
        options.filter((option) => !text.includes(option)),
        `${command}${rest}`,
      ).toEqual([]);
    }
  });
});
