import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { notRun } from '../../../tools/testbed/not-run.js';
import { fromDebian } from '../../../tools/testbed/programs.js';
import { referenceToken } from '../../docs/cli-reference.js';
import { AT, BINARY, KEYS, NOW_MS, temporaryFolder } from './binary.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const jid = 'alice@example.com';
const token = referenceToken(KEYS['example.com'], jid, NOW_MS);
const lines = folder.file('tokens.tsv', `${jid}\t${token}\nbroken\n`);

/**
 * util-linux's script(1) runs a command on a terminal of its own; its namesakes elsewhere take
 * other options.
 */
let script: string;

function onTerminal(args: readonly string[], env: Record<string, string> = {}) {
  const command = [process.execPath, BINARY, ...args].map((word) => `'${word}'`).join(' ');
  const { stdout, status } = spawnSync(script, ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm', ...env },
    input: '',
  });
  return { code: status, screen: stdout.replaceAll('\r\n', '\n') };
}

const ESC = '\u001b[';

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  beforeAll(() => {
    script = fromDebian('script', 'bsdutils');
    const { stdout } = spawnSync(script, ['--version'], { encoding: 'utf8' });
    if (!stdout.includes('util-linux')) notRun('script of util-linux', 'apt-get install bsdutils');
  });

  it('verify prints a line for a person, in colour', () => {
    const { code, screen } = onTerminal(['verify', '--keys', keys, '--jid', jid, ...AT, token]);
    expect(code).toBe(0);
    expect(screen).toContain(`${ESC}32m✓ accepted${ESC}39m  ${jid}`);
    expect(screen).toContain('(this step), key 0');
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])(
    'verify prints no colours where the environment has %j',
    (env) => {
      const { code, screen } = onTerminal(
        ['verify', '--keys', keys, '--jid', 'bob@example.com', ...AT, token],
        env,
      );
      expect(code).toBe(1);
      const text =
        '✗ bad-signature  bob@example.com  altered, for another JID, or made with another secret\n';
      // A dumb terminal is none for a person either: it gets the JSON of a pipe.
      expect(screen).toBe(
        'TERM' in env ? '{"jid":"bob@example.com","ok":false,"code":"bad-signature"}\n' : text,
      );
    },
  );

  it('verify --json prints JSON on a terminal too', () => {
    const { screen } = onTerminal(['verify', '--keys', keys, '--jid', jid, '--json', ...AT, token]);
    expect(JSON.parse(screen)).toMatchObject({ ok: true });
  });

  it('verify --file shows a progress bar, removes it and lists the rejected lines', () => {
    const { code, screen } = onTerminal(['verify', '--keys', keys, '--file', lines, ...AT], {
      NO_COLOR: '1',
    });
    expect(code).toBe(1);
    expect(screen).toMatch(/verifying ━{30} 100 % 2 lines, 1 rejected/);
    // The cursor is hidden, and shown again.
    expect(screen.indexOf(`${ESC}?25l`)).toBeLessThan(screen.indexOf(`${ESC}?25h`));
    expect(screen).toMatch(
      /2 lines: 1 accepted, 1 rejected\n {2}malformed +1 .*\n {2}line 2: malformed\n$/,
    );
    expect(screen).not.toContain('{"line"');
  });

  it('totp prints the code and for how many seconds it is valid', () => {
    const { screen } = onTerminal(['totp', '--keys', keys, ...AT], { NO_COLOR: '1' });
    expect(screen).toMatch(/^\d{8} {2}valid for 20 s\n$/);
  });

  it('demo shows its progress while it issues and verifies', () => {
    const { code, screen } = onTerminal(['demo', '--tokens', '5000'], { NO_COLOR: '1' });
    expect(code).toBe(0);
    expect(screen).toMatch(/issuing .*100 % 5,000 tokens/);
    expect(screen).toMatch(/verifying .*100 % 5,600 tokens/);
  });
});
