/** The docs call the command with subcommands and options that it has, in running text too. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { DOCUMENTS } from './doctest/blocks.js';

const help = new Map<string, string>();
function helpOf(command: string): string {
  const known = help.get(command);
  if (known !== undefined) return known;
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(ROOT, 'dist', 'cli', 'main.js'), 'help', command],
    {
      encoding: 'utf8',
    },
  );
  expect(status, `totp-token ${command}`).toBe(0);
  help.set(command, stdout);
  return stdout;
}

describe('the command in the docs has these subcommands and options', () => {
  it.each(DOCUMENTS)('in %s', (name) => {
    const calls = [
      ...readFileSync(join(ROOT, name), 'utf8').matchAll(
        /totp-token ((?:keygen|issue|verify|totp|demo|gateway|check-config|extauth)\b)([^\n`#]*)/g,
      ),
    ];
    for (const [, command = '', rest = ''] of calls) {
      const options = [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option);
      expect(
        options.filter((option) => !helpOf(command).includes(option)),
        `${command}${rest}`,
      ).toEqual([]);
    }
  });
});
