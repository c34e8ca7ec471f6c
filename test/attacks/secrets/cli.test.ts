/**
 * All that the command prints, searched for secrets: whatever it was given, wherever it stood, and
 * when it crashes. Most cases call the program in this process; the built program shows the verdict
 * by variables and stdin, the crash, and a token.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../tools/lib/process.mjs';
import { AT, NOW_MS, run, temporaryFolder } from '../../unit/cli/binary.js';
import { runHere } from '../../unit/cli/in-process.js';
import { tokenOf, withWrongSignature } from '../../unit/token/reference.js';
import { CANARY_KEYS, CANARY_NONCE, CONFIGURED, found, partsOf } from './canaries.js';

const JID = 'alice@example.com';
const { otpSeed, tokenSecret } = CANARY_KEYS;
const TOKEN = tokenOf({
  keys: CANARY_KEYS,
  step: Math.floor(NOW_MS / 30_000),
  nonce: CANARY_NONCE,
});
const SECRETS = [...CONFIGURED, ...partsOf(TOKEN)];
const folder = temporaryFolder();

const keys = folder.file('keys.json', JSON.stringify({ hosts: { 'example.com': CANARY_KEYS } }));
const open = folder.file(
  'open.json',
  JSON.stringify({ hosts: { 'example.com': CANARY_KEYS } }),
  0o644,
);
const cut = folder.file(
  'cut.json',
  `{"hosts": {"a.b": {"otpSeed": "${otpSeed}", "tokenSecret": "${tokenSecret}`,
);
const field = folder.file(
  'field.json',
  JSON.stringify({ hosts: { 'a.b': { ...CANARY_KEYS, [tokenSecret]: otpSeed } } }),
);
const seed = folder.file(
  'seed.toml',
  `[hosts."a.b"]\notpSeed = "${otpSeed}189"\ntokenSecret = "${tokenSecret}"\n`,
);
const toml = folder.file(
  'cut.toml',
  `[hosts."a.b"]\notpSeed = "${otpSeed}"\ntokenSecret = ${tokenSecret}\n`,
);
const dotenv = folder.file(
  'keys.env',
  `TOTP_TOKEN_HOST=a b\nTOTP_TOKEN_OTP_SEED=${otpSeed}\nTOTP_TOKEN_SECRET=${tokenSecret}\n`,
);
const lines = folder.file(
  'tokens.tsv',
  [
    `${JID}\t${TOKEN}`,
    `${JID}\t${TOKEN}`,
    `${TOKEN}\t${JID}`,
    TOKEN,
    `${JID}\t${withWrongSignature(TOKEN)}`,
  ].join('\n'),
);
const gateway = folder.file(
  'gateway.toml',
  `listen = "${tokenSecret}"\nkeys = "keys.json"\n[auth]\nrealm = "${otpSeed}"\n`,
);
const gatewayCut = folder.file('gateway-cut.toml', `[issue]\nsecret = ${tokenSecret}\n`);

const env = {
  TOTP_TOKEN_HOST: 'example.com',
  TOTP_TOKEN_OTP_SEED: otpSeed,
  TOTP_TOKEN_SECRET: tokenSecret,
};
const verify = ['verify', '--jid', JID, ...AT];

describe('the command shows no key and no token', () => {
  it.each<[string, readonly string[], { env?: Record<string, string>; stdin?: string }, number]>([
    ['accepted', [...verify, '-k', keys, TOKEN], {}, 0],
    ['accepted, as JSON', [...verify, '-k', keys, '--json', TOKEN], {}, 0],
    ['accepted, keys in a file that is open to others', [...verify, '-k', open, TOKEN], {}, 0],
    ['rejected', [...verify, '-k', keys, withWrongSignature(TOKEN)], {}, 1],
    ['expired', ['verify', '--jid', JID, '-k', keys, TOKEN], {}, 1],
    ['malformed', [...verify, '-k', keys, `${TOKEN}=`], {}, 1],
    ['token and jid in the wrong order', ['verify', ...AT, '-k', keys, '--jid', TOKEN, JID], {}, 1],
    ['many lines', ['verify', ...AT, '-k', keys, '--file', lines], {}, 1],
    ['two tokens', [...verify, '-k', keys, TOKEN, TOKEN], {}, 2],
    ['an option that does not exist', [...verify, `--token=${TOKEN}`], {}, 2],
    ['a secret for a time', ['verify', '--jid', JID, '--at', tokenSecret, TOKEN], {}, 2],
    [
      'a secret for a seed',
      [...verify, '--host', 'a.b', '--otp-seed', tokenSecret, '--token-secret', otpSeed, TOKEN],
      {},
      2,
    ],
    ['keys cut off', [...verify, '-k', cut, TOKEN], {}, 2],
    ['keys with a field more', [...verify, '-k', field, TOKEN], {}, 2],
    ['a seed that is not base32', [...verify, '-k', seed, TOKEN], {}, 2],
    ['a secret without quotes', [...verify, '-k', toml, TOKEN], {}, 2],
    ['a host that is not a domain', [...verify, '-k', dotenv, TOKEN], {}, 2],
    ['a secret in place of the jid', ['issue', '-k', keys, '--jid', tokenSecret], {}, 2],
    ['a seed that is none, for a code', ['totp', '--otp-seed', `${otpSeed}1`], {}, 2],
    ['a gateway with secrets in wrong fields', ['check-config', '-c', gateway], {}, 2],
    ['a gateway whose file is not TOML', ['check-config', '-c', gatewayCut], {}, 2],
    [
      'a gateway with short secrets',
      ['check-config', '-k', keys],
      { env: { TOTP_TOKEN_GATEWAY_ISSUE_SECRET: tokenSecret.slice(0, 31) } },
      2,
    ],
  ])('in the case: %s', async (_what, args, options, code) => {
    const result = await runHere(args, options);
    expect(result.code).toBe(code);
    expect(result.stdout + result.stderr).not.toBe('');
    expect(found(result.stdout + result.stderr, SECRETS)).toEqual([]);
  });

  it('when it accepts, with keys by variables and a token on stdin', async () => {
    const { code, stdout, stderr } = await run(verify, { env, stdin: TOKEN });
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
    expect(found(stdout + stderr, SECRETS)).toEqual([]);
  });

  it('when it crashes while it holds keys', async () => {
    const preload = pathToFileURL(
      join(ROOT, 'test', 'attacks', 'secrets', 'preload-crash.mjs'),
    ).href;
    const result = await run([...verify, '-k', keys, TOKEN], {
      env: { ...env, NODE_OPTIONS: `--import ${preload}` },
    });
    expect(result.stderr).toContain('a crash that nobody expects');
    expect(result.code).not.toBe(0);
    expect(found(result.stdout + result.stderr, SECRETS)).toEqual([]);
  });

  it('when it issues, except for the token itself', async () => {
    const { code, stdout, stderr } = await run(['issue', '-k', keys, '--jid', JID]);
    expect(code).toBe(0);
    expect(found(stdout + stderr, CONFIGURED)).toEqual([]);
    expect(found(stderr, partsOf(stdout.trim()))).toEqual([]);
  });
});
