/** The code in README and docs: it parses, names what the package exports, and commands and options that there are. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../.dev/lib/process.mjs';

const documents = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))].filter(
  (name) => name.endsWith('.md'),
);
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { types?: string }> };

/** The declarations behind `totp-token` or `totp-token/xmpp`. */
function declarationsOf(specifier: string): string {
  const types = exports[specifier.replace('totp-token', '.')]?.types;
  if (types === undefined) throw new Error(`the package has no ${specifier}`);
  return read(types);
}

const blocksOf = (name: string, language: string) =>
  [...read(name).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code = '']) => code,
  );

describe.each(documents.filter((name) => blocksOf(name, 'js').length > 0))('%s', (name) => {
  it.each(blocksOf(name, 'js').map((code, i) => [i + 1, code] as const))('block %i', (_, code) => {
    transformSync(code, { loader: 'js', format: 'esm' });
    for (const [, names = '', specifier = ''] of code.matchAll(
      /^import \{([^}]*)\} from '(totp-token[^']*)'/gm,
    )) {
      const declared = declarationsOf(specifier);
      const missing = names
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each && !new RegExp(`\\b${each}\\b`).test(declared));
      expect(missing).toEqual([]);
    }
  });
});

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

describe.each(documents)('%s', (name) => {
  it('calls the command as it is', () => {
    const calls = [
      ...read(name).matchAll(
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
