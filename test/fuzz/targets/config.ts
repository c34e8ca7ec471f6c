/**
 * The gateway's configuration, file and variables: read, or refused by one `VerifierError` that
 * shows no secret.
 */
import { deepStrictEqual, ok } from 'node:assert';
import fc from 'fast-check';
import { VerifierError } from '../../../src/index.js';
import { parseConfig } from '../../../src/server/config/parse.js';
import { anyTextOf, type FuzzTarget, utf8 } from '../target.js';

const PREFIX = 'TOTP_TOKEN_GATEWAY_';
/** Stands in inputs as a value, and must stand in no message. */
const SECRET = 'S3cr3tValueThatNobodyMaySee12345';

/** Where it is part of a name instead: names are shown. */
const AS_NAME = new RegExp(`${SECRET}[^\\n\\0]*[=.\\]]`);

function read(text: string, env: Readonly<Record<string, string>>): unknown {
  try {
    return parseConfig(text, 'gateway.toml', env);
  } catch (error) {
    ok(error instanceof VerifierError && error.code === 'ERR_OPTION', `${error}`);
    const isName = AS_NAME.test(text) || Object.keys(env).some((name) => name.includes(SECRET));
    ok(isName || !error.message.includes(SECRET), 'a message that shows a secret');
    return undefined;
  }
}

/** The file, then NUL and a variable `NAME=value` each. Without NUL there are none. */
function run(input: Uint8Array): void {
  const [text = '', ...variables] = anyTextOf(input).split('\0');
  const env = Object.fromEntries(
    variables.map((line) => {
      const equals = Math.max(line.indexOf('='), 0);
      return [PREFIX + line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  const config = read(text, env);
  if (config !== undefined) deepStrictEqual(read(text, env), config, 'read twice');
}

const file = `listen = "127.0.0.1:1"
keys = "keys.json"
[hosts]
"example.com" = [{ otpSeedFile = "a", tokenSecretFile = "b" }]
[token]
digits = 8
[session]
cookie = "__Host-x"
[proxies]
trusted = ["10.0.0.0/8"]
`;
const names = [
  'LISTEN',
  'WORKERS',
  'TOKEN_PERIOD',
  'LIMITS_BODY_BYTES',
  'AUTH_REASONS',
  'PROXIES_TRUSTED',
  'SESSION_SECRET',
  'SESSION_COOKIE',
  'ISSUE_SECRET',
  'GUARD_KIND',
  'LOG_LEVEL',
  'KEYS',
];
const tables = [
  'token',
  'guard',
  'auth',
  'session',
  'issue',
  'proxies',
  'limits',
  'log',
  'hosts',
  '__proto__',
];
const fields = [
  'digits',
  'kind',
  'secret',
  'cookie',
  'domain',
  'trusted',
  'bodyBytes',
  'level',
  'toString',
];

const value = fc.oneof(
  fc.constantFrom('1', '-1', '0x10', '1e9', 'true', 'inf', 'nan', '[]', '{}', '1979-05-27', '""'),
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.constant(`"${SECRET}"`),
);
const line = fc.oneof(
  fc.constantFrom(...tables).map((name) => `[${name}]`),
  fc
    .tuple(fc.constantFrom(...tables, ...fields, 'listen', 'keys'), value)
    .map(([name, of]) => `${name} = ${of}`),
);
const variable = fc
  .tuple(
    fc.constantFrom(...names, 'NO_SUCH'),
    fc.oneof(fc.string({ maxLength: 12 }), fc.constant(SECRET)),
  )
  .map(([name, text]) => `\0${name}=${text.replaceAll('\0', '')}`);

export const target: FuzzTarget = {
  name: 'config',
  testInputs: 250,
  seeds: [
    utf8(file),
    utf8(`${file}\0${names.map((name) => `${name}=1`).join('\0')}`),
    utf8('\0KEYS=x'),
  ],
  words: [
    ...names.map((name) => `\0${name}=`),
    ...tables.map((name) => `\n[${name}]\n`),
    ...fields.map((name) => `\n${name} = `),
    ...[
      '"""',
      "'''",
      '[[',
      ']]',
      '{',
      '}',
      '\\u0000',
      '\\ud800',
      'inf',
      '1979-05-27T07:32:00Z',
      '9'.repeat(20),
    ],
    ...['true', 'constructor', '"__Secure-x"', `"${SECRET}"`],
  ],
  inputs: fc
    .tuple(fc.array(line, { maxLength: 8 }), fc.array(variable, { maxLength: 3 }))
    .map(([lines, variables]) => utf8(lines.join('\n') + variables.join(''))),
  open: async () => run,
};
