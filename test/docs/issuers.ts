/** The issuers of docs/issuing.md, as they stand there, and what is asked of each. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createVerifier } from '../../src/index.js';
import { prepareJid } from '../../src/xmpp/index.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { ROOT } from '../../tools/testbed/root.js';
import { otpOf } from '../unit/token/reference.js';

export interface Issuer {
  /** The heading of its section. */
  readonly name: string;
  readonly file: string;
  /** Returns the command that runs the file; where it must be compiled, does so. */
  readonly command: (file: string, folder: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a step of a build. */
function compile(program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}\n${stdout}${stderr}`);
}

const interpreted = (
  name: string,
  file: string,
  program: string,
  packageName = program,
): Issuer => ({
  name,
  file,
  command: (path) => [fromDebian(program, packageName), path],
});

export const PROSODY: Issuer = {
  ...interpreted('Lua in Prosody', 'prosody.lua', 'lua5.4'),
  env: { LUA_PATH: '/usr/lib/prosody/?.lua;;', LUA_CPATH: '/usr/lib/prosody/?.so;;' },
};
export const SHELL = interpreted('Shell', 'issue.bash', 'bash');
export const INTERPRETED: readonly Issuer[] = [
  interpreted('Python', 'issue.py', 'python3'),
  interpreted('PHP', 'issue.php', 'php', 'php-cli'),
  interpreted('Ruby', 'issue.rb', 'ruby'),
  interpreted('Perl', 'issue.pl', 'perl'),
  interpreted('Lua', 'issue.lua', 'lua5.4'),
];
export const COMPILED: readonly Issuer[] = [
  {
    name: 'Go',
    file: 'issue.go',
    command: (file, folder) => {
      compile(fromDebian('gccgo', 'gccgo'), '-o', join(folder, 'issue'), file);
      return [join(folder, 'issue')];
    },
  },
  {
    name: 'Java',
    file: 'IssueToken.java',
    command: (file, folder) => {
      compile(fromDebian('javac', 'default-jdk-headless'), '-d', folder, file);
      // A locale whose digits are not those of ASCII.
      const locale = ['-Duser.language=ar', '-Duser.country=EG'];
      return [fromDebian('java', 'default-jdk-headless'), ...locale, '-cp', folder, 'IssueToken'];
    },
  },
  {
    name: 'C#',
    file: 'issue.cs',
    command: (file, folder) => {
      compile(fromDebian('mcs', 'mono-mcs'), `-out:${join(folder, 'issue.exe')}`, file);
      return [fromDebian('mono', 'mono-runtime'), join(folder, 'issue.exe')];
    },
  },
];

/** Of 130 bits, so that its text ends within a group of base32, and as people copy it. */
const OTP_SEED = 'gezd gnbv-GY3T QOJQ gezd-gnbv GY==';
/** Beyond ASCII and longer than a block of SHA-256, so that HMAC hashes it first. */
const TOKEN_SECRET = 'sëcrèt-ключ "$x" '.repeat(5);

/** A time whose OTP begins with 0, on the last second of its step. */
const SECONDS = (() => {
  const otpSeed = OTP_SEED.replaceAll(/[ =-]/g, '').toUpperCase();
  let step = 57_333_600;
  while (!otpOf({ otpSeed, tokenSecret: TOKEN_SECRET }, step).startsWith('0')) step++;
  return step * 30 + 29;
})();

const NAMES = ['alice', 'zoë', 'ελένη', 'жук', '山田', '🐞', 'o.hara+x'];
const JIDS = Array.from(
  { length: 200 },
  (_, i) => prepareJid(`${NAMES[i % NAMES.length]}${i}@${i % 2 ? 'example' : 'bücher'}.com`) ?? '',
);

/** A program, taken from the page and ready to run. */
export class Program {
  readonly #command: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  constructor({ name, file, command, env = {} }: Issuer, folder: string) {
    const page = readFileSync(join(ROOT, 'docs', 'issuing.md'), 'utf8');
    const section = page.split('\n### ').find((text) => text.startsWith(`${name}\n`)) ?? '';
    const [, code] = /^```\w+\n(.*?)^```$/ms.exec(section) ?? [];
    if (code === undefined) throw new Error(`docs/issuing.md has no program for ${name}`);
    const own = mkdtempSync(join(folder, 'issuer-'));
    writeFileSync(join(own, file), code);
    this.#command = command(join(own, file), own);
    this.#env = env;
  }

  run(input: string | Uint8Array, keys: { otp_seed?: string; token_secret?: string } = {}) {
    const [program = '', ...args] = this.#command;
    const secrets = { otp_seed: OTP_SEED, token_secret: TOKEN_SECRET, ...keys };
    const env = { ...process.env, LC_ALL: 'C.UTF-8', ...this.#env, ...secrets };
    const { status, stdout, stderr } = spawnSync(program, [...args, `${SECONDS}`], { input, env });
    return { status, stdout: stdout.toString(), stderr: stderr.toString() };
  }
}

/** The verifier takes `count` tokens of one run, all of the step of that time. */
export async function expectAccepted(program: Program, count: number): Promise<void> {
  const jids = JIDS.slice(0, count);
  const { status, stdout, stderr } = program.run(jids.map((jid) => `${jid}\n`).join(''));
  expect([status, stderr]).toEqual([0, '']);
  const tokens = stdout.trimEnd().split('\n');
  const keys = { otpSeed: OTP_SEED, tokenSecret: TOKEN_SECRET };
  const verifier = await createVerifier({
    hosts: { 'example.com': keys, 'bücher.com': keys },
    prepareJid,
    clock: () => SECONDS * 1000,
  });
  const verdicts = tokens.map((token, i) => verifier.verify(jids[i] ?? '', token));
  expect(verdicts).toEqual(jids.map(() => expect.objectContaining({ code: 'accepted', drift: 0 })));
  const nonces = tokens.map((token) => token.slice(8, 40));
  expect(new Set(nonces).size).toBe(count);
  if (count < JIDS.length) return;
  // A generator that is random leaves a digit out at one of 32 places once in 4 million runs.
  for (let place = 0; place < 32; place++)
    expect(new Set(nonces.map((nonce) => nonce[place])).size, `place ${place}`).toBe(10);
}

const BAD_NAMES: readonly (string | Uint8Array)[] = [
  Uint8Array.of(0x61, 0xff, 0x40, 0x62),
  'alice',
  '@example.com',
  'alice@',
  'alice@example.com@example.com',
  'alice@example.com/phone',
  'al ice@example.com',
  'al\u007fice@example.com',
  'al\0ice@example.com',
  // Longer than a jid, and than the line that a scanner of Go takes.
  `${'a'.repeat(70_000)}@example.com/`,
  '',
];
const BAD_KEYS = [
  { otp_seed: '' },
  { otp_seed: 'GEZDGNBVGY3TQOJ' },
  { otp_seed: 'GEZDGNBVGY3TQOJ1' },
  { otp_seed: 'GEZDGNBVGY3TQOJQ\u00e9' },
  { token_secret: '' },
];

/**
 * Each bad name and secret ends the program without a token, and shows no secret.
 *
 * @param count - How many of each are tried: every one is a process.
 */
export function expectRefused(program: Program, count = Number.POSITIVE_INFINITY): void {
  const runs = [
    ...BAD_NAMES.slice(0, count).map((name) => ({
      what: `name ${name}`,
      ...program.run(Buffer.concat([Buffer.from(name), Buffer.from('\n')])),
    })),
    ...BAD_KEYS.slice(0, count).map((keys) => ({
      what: JSON.stringify(keys),
      ...program.run('alice@example.com\n', keys),
    })),
  ];
  for (const { what, status, stdout, stderr } of runs) {
    expect([status === 0, stdout.includes(' ') && /\d{40}/.test(stdout)], what).toEqual([
      false,
      false,
    ]);
    expect(stderr + stdout, what).not.toMatch(/gezd|GEZD|sëcr|ключ/);
  }
}
