/** docs/core-abi.md suffices for a host that is not JavaScript: host.cpp beside this file. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromDebian } from '../../../tools/testbed/programs.js';
import { ROOT } from '../../../tools/testbed/root.js';
import { tempFolder } from '../../package/temp.js';
import { decodeBase32 } from '../../unit/token/reference.js';
import prosody from '../../vectors/prosody-tokens.json' with { type: 'json' };
import pyotp from '../../vectors/pyotp-tokens.json' with { type: 'json' };
import rfc2202 from '../../vectors/rfc2202.json' with { type: 'json' };
import rfc4231 from '../../vectors/rfc4231.json' with { type: 'json' };
import rfc6238 from '../../vectors/rfc6238.json' with { type: 'json' };

const HERE = join(ROOT, 'test', 'runtimes', 'wabt');
const CORE = join(ROOT, 'build', 'core.wasm');
const ALGORITHMS = { 'SHA-1': 1, 'SHA-256': 2, 'SHA-512': 3 } as const;
type Algorithm = keyof typeof ALGORITHMS;

const folder = tempFolder();
const host = join(folder, 'host');

beforeAll(() => {
  const compiler = fromDebian('g++', 'g++');
  fromDebian('../include/wabt/interp/interp.h', 'wabt');
  const libraries = ['-lwabt', '-lpthread'];
  execFileSync(compiler, ['-std=c++17', '-o', host, join(HERE, 'host.cpp'), ...libraries]);
});

/** One run of the host for all questions of a test. */
const answersTo = (questions: readonly string[]): string[] =>
  execFileSync(host, [CORE], { input: questions.map((line) => `${line}\n`).join('') })
    .toString()
    .trimEnd()
    .split('\n');

const hex = (value: string | Uint8Array) => Buffer.from(value).toString('hex') || '-';

describe('a host in C++', () => {
  it('makes the MACs of RFC 2202 and RFC 4231', () => {
    const cases = [...rfc2202.cases, ...rfc4231.cases].flatMap(({ key, message, macs }) =>
      Object.entries(macs).map(([hash, mac]) => ({
        question: `hmac ${ALGORITHMS[hash as Algorithm]} ${key} ${message}`,
        mac,
      })),
    );
    const macs = answersTo(cases.map(({ question }) => question));
    // Case 5 of RFC 4231 is cut to 128 bits.
    expect(macs.map((mac, i) => mac.slice(0, cases[i]?.mac.length))).toEqual(
      cases.map(({ mac }) => mac),
    );
    expect(macs.length).toBe(7 + 2 * 7);
  });

  it('makes the codes of RFC 6238', () => {
    const cases = rfc6238.cases.flatMap(({ unixSeconds, codes }) =>
      Object.entries(codes).map(([hash, code]) => ({
        question: `totp ${ALGORITHMS[hash as Algorithm]} ${rfc6238.seedsHex[hash as Algorithm]} ${unixSeconds} 8`,
        code,
      })),
    );
    expect(answersTo(cases.map(({ question }) => question))).toEqual(cases.map(({ code }) => code));
    expect(cases.length).toBe(18);
  });

  it('issues the tokens of pyotp, byte for byte, and accepts each once', () => {
    const questions = pyotp.cases.flatMap(({ otpSeed, tokenSecret, jid, unixSeconds, token }) => {
      const domain = jid.slice(jid.lastIndexOf('@') + 1);
      const verify = `verify ${unixSeconds} ${hex(jid)} ${hex(token)}`;
      return [
        `keys ${hex(domain)} ${hex(decodeBase32(otpSeed))} ${hex(tokenSecret)}`,
        `issue ${unixSeconds} ${hex(jid)} ${hex(token.slice(8, 40))}`,
        verify,
        verify,
      ];
    });
    expect(answersTo(questions)).toEqual(
      pyotp.cases.flatMap(({ token }) => ['ok', token, 'accepted', 'replayed']),
    );
  });

  it('accepts the tokens of Prosody that should be accepted, and no other', () => {
    // Other seeds are no base32. A sequence has no verdict of its own: `replayed` is shown above.
    const cases = prosody.filter((test) => /^[A-Z2-7]+$/.test(test.otpSeed) && !test.sequence);
    const questions = cases.flatMap((test) => {
      const secret = test.tokenSecret ?? Buffer.from(test.tokenSecretBase64 ?? '', 'base64');
      const token = test.token ?? Buffer.from(test.tokenBase64 ?? '', 'base64');
      const jid = `${test.username}@${test.host}`;
      return [
        `keys ${hex(test.host)} ${hex(decodeBase32(test.otpSeed))} ${hex(secret)}`,
        `verify ${test.now} ${hex(jid)} ${hex(token)}`,
      ];
    });
    const verdicts = answersTo(questions).filter((_, i) => i % 2 === 1);
    expect(
      cases.map(({ id }, i) => `${id}: ${verdicts[i] === 'accepted' ? 'accept' : 'reject'}`),
    ).toEqual(cases.map(({ id, recommended }) => `${id}: ${recommended}`));
    expect(cases.length).toBeGreaterThan(100);
  });

  it('answers bad input by a verdict', () => {
    const jid = 'alice@example.com';
    const { token, unixSeconds, ...keys } = pyotp.cases[0] as (typeof pyotp.cases)[number];
    const questions = [
      ['', token],
      ['alice', token],
      [`${'a'.repeat(3100)}@example.com`, token],
      [jid, ''],
      [jid, token.slice(1)],
      [jid, `${token}=`],
      [jid, '7'.repeat(4096)],
      ['alice@example.org', token],
      ['bob@example.com', token],
    ].map(([name = '', text = '']) => `verify ${unixSeconds} ${hex(name)} ${hex(text)}`);
    const seed = hex(decodeBase32(keys.otpSeed));
    const setUp = `keys ${hex('example.com')} ${seed} ${hex(keys.tokenSecret)}`;
    expect(answersTo([setUp, ...questions])).toEqual([
      'ok',
      ...Array.from({ length: 7 }, () => 'malformed'),
      'unknown-host',
      'bad-signature',
    ]);
  });
});
