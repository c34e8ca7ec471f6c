import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createIssuer,
  createVerifier,
  type IssuerOptions,
  loadCore,
  VerifierError,
  type VerifierOptions,
} from '../../../src/index.js';
import { KEYS, OTHER_KEYS } from './reference.js';

const SECRET = 'TOPSECRETTOPSECRETTOPSECRETTOPSECRET';

/**
 * What an option error must be: field, fault and fix, and nothing of a secret in any view of it.
 */
async function expectOptionError(attempt: () => Promise<unknown>, field: string): Promise<void> {
  const error = await attempt().then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VerifierError);
  expect(error).toMatchObject({ code: 'ERR_OPTION', field, name: 'VerifierError' });
  const { message } = error as VerifierError;
  expect(message.startsWith(`${field}: `), message).toBe(true);
  expect(message, 'fault; fix').toMatch(/^[^;]+: [^;]+; ./);
  for (const view of [
    message,
    String(error),
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
  ]) {
    for (const secret of [SECRET, SECRET.toLowerCase(), KEYS.otpSeed, KEYS.tokenSecret]) {
      expect(view).not.toContain(secret);
    }
  }
}

const hosts = { 'example.com': KEYS };
const NOT_WHOLE = [0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, '8', null, 8n, {}, [], true];

/** Options of both: value, and the field that the error names. */
const SHARED: readonly (readonly [unknown, string])[] = [
  [null, 'options'],
  [7, 'options'],
  [{ host: hosts }, 'options.host'],
  [{ windows: { past: 1 } }, 'options.windows'],
  [{ hosts: 7 }, 'hosts'],
  [{ hosts: [KEYS] }, 'hosts'],
  [{ hosts: new Map(Object.entries(hosts)) }, 'hosts'],
  [{ hosts: SECRET }, 'hosts'],
  [{ hosts: { version: 1, hosts } }, 'hosts'],
  ...[...NOT_WHOLE, 0, 86_401, 30_000].map((period) => [{ period }, 'period'] as const),
  ...[...NOT_WHOLE, 0, 5, 11].map((digits) => [{ digits }, 'digits'] as const),
  ...[null, 'sha-2', 'HmacMD5', 'SHA-384', 1, SECRET].map(
    (algorithm) => [{ algorithm }, 'algorithm'] as const,
  ),
  ...[null, 7, '0', {}].map((clock) => [{ clock }, 'clock'] as const),
  ...[null, 7, 'lower', {}].map((prepareJid) => [{ prepareJid }, 'prepareJid'] as const),
  ...[null, {}, new Uint8Array(8), 'core.wasm'].map((module) => [{ module }, 'module'] as const),
];

const OF_VERIFIER: readonly (readonly [unknown, string])[] = [
  [{ randomBytes: () => 0 }, 'options.randomBytes'],
  [{ guard: { remember: () => [] } }, 'options.guard'],
  ...[null, 7, '1'].map((window) => [{ window }, 'window'] as const),
  [{ window: { past: 1, next: 1 } }, 'window.next'],
  ...[...NOT_WHOLE, 11].map((past) => [{ window: { past } }, 'window.past'] as const),
  ...[...NOT_WHOLE, 11].map((future) => [{ window: { future } }, 'window.future'] as const),
  ...[0.5, -1, 0, 256, Number.NaN, '32', null, true].map(
    (n) => [{ nonceDigits: n }, 'nonceDigits'] as const,
  ),
  [{ nonceDigits: { min: -1, max: 32 } }, 'nonceDigits.min'],
  [{ nonceDigits: { min: 256, max: 300 } }, 'nonceDigits.min'],
  [{ nonceDigits: { min: 8, max: 256 } }, 'nonceDigits.max'],
  [{ nonceDigits: { min: 33, max: 32 } }, 'nonceDigits.max'],
  [{ nonceDigits: { min: 8, max: 0.5 } }, 'nonceDigits.max'],
  [{ nonceDigits: { min: 8, max: 9, step: 1 } }, 'nonceDigits.step'],
  [{ replay: 7 }, 'replay'],
  [{ replay: { size: 7 } }, 'replay.size'],
  ...[...NOT_WHOLE, 0, 100_000_001].map(
    (capacity) => [{ replay: { capacity } }, 'replay.capacity'] as const,
  ),
  ...['never', '', 0, true].map(
    (rejectStepsBefore) => [{ replay: { rejectStepsBefore } }, 'replay.rejectStepsBefore'] as const,
  ),
];

const OF_ISSUER: readonly (readonly [unknown, string])[] = [
  [{ window: { past: 1 } }, 'options.window'],
  [{ replay: {} }, 'options.replay'],
  ...[0.5, -1, 0, 256, Number.NaN, '32', null, { min: 1, max: 2 }].map(
    (nonceDigits) => [{ nonceDigits }, 'nonceDigits'] as const,
  ),
  ...[null, 7, new Uint8Array(4)].map((randomBytes) => [{ randomBytes }, 'randomBytes'] as const),
];

const show = (options: unknown) => inspect(options, { breakLength: Number.POSITIVE_INFINITY });

describe('options that are refused', () => {
  for (const [options, field] of [...SHARED, ...OF_VERIFIER]) {
    it(`give an error that names ${field}: createVerifier(${show(options)})`, () =>
      expectOptionError(() => createVerifier(options as VerifierOptions), field));
  }
  for (const [options, field] of [...SHARED, ...OF_ISSUER]) {
    it(`give an error that names ${field}: createIssuer(${show(options)})`, () =>
      expectOptionError(() => createIssuer(options as IssuerOptions), field));
  }
});

describe('options at their limits', () => {
  for (const options of [
    {},
    { hosts: {} },
    { period: 1 },
    { period: 86_400 },
    { digits: 6 },
    { digits: 10 },
    { window: {} },
    { window: { past: 0, future: 0 } },
    { window: { past: 10, future: 10 } },
    { nonceDigits: 1 },
    { nonceDigits: 255 },
    { nonceDigits: { min: 0, max: 255 } },
    { nonceDigits: { min: 32, max: 32 } },
    { replay: { capacity: 1 } },
    { replay: { rejectStepsBefore: 'none' } },
    {
      period: undefined,
      digits: undefined,
      window: undefined,
      replay: undefined,
      module: undefined,
    },
  ] satisfies VerifierOptions[]) {
    it(`are accepted by createVerifier: ${show(options)}`, async () => {
      const capacity = (options as VerifierOptions).replay?.capacity ?? 10;
      const verifier = await createVerifier({
        ...options,
        replay: { ...options.replay, capacity },
      });
      expect(verifier.hosts).toEqual([]);
    });
  }

  it('give ERR_MEMORY for a guard that no memory can hold', async () => {
    const options = { window: { past: 10, future: 10 }, replay: { capacity: 100_000_000 } };
    await expect(createVerifier(options)).rejects.toMatchObject({ code: 'ERR_MEMORY' });
  });
});

const key = (otpSeed: unknown, ...[tokenSecret]: unknown[]) => ({ otpSeed, tokenSecret });
const seed = (otpSeed: unknown) => key(otpSeed, SECRET);
const DOMAINS_REFUSED = [
  '',
  ' ',
  'a b',
  'example.com ',
  'example..com',
  '.example.com',
  'example.com.',
  '-a.example',
  'a-.example',
  'alice@example.com',
  'example.com/r',
  'example.com:5222',
  'a"b',
  'a\nb',
  'a\0b',
  '[::1',
  '[.]',
  '[]',
  '[192.0.2.1]',
  '[1:2:3]',
  '[::g]',
  '[2001:db8::1]:5222',
  'example.com\u00a0',
  'exam\u200bple.com',
  'exam\u00adple.com',
  '\u202emoc.elpmaxe',
  'example\u2028.com',
  'example\u0085.com',
  'example\ue000.com',
  'example\u3002com',
  'example\uff0ecom',
  'example\uff61com',
  '\ud800.example',
  'd'.repeat(1024),
];

/** What a host entry may not be, and where the error says it stands. */
const ENTRIES: readonly (readonly [unknown, string])[] = [
  [null, ''],
  [7, ''],
  [SECRET, ''],
  [[], ''],
  [Array.from({ length: 17 }, () => KEYS), ''],
  [{ ...KEYS, secret: SECRET }, '.secret'],
  [[KEYS, null], '[1]'],
  [[KEYS, { ...KEYS, seed: SECRET }], '[1].seed'],
  ...[
    undefined,
    null,
    7,
    `${SECRET}0`,
    `${SECRET}1`,
    `${SECRET}!`,
    `${SECRET}\0`,
    `${SECRET}é`,
    `${SECRET}ı`,
  ].map((text) => [seed(text), '.otpSeed'] as const),
  // Below 80 bits: none, 8, 72 and 75 bits.
  ...['', '=', ' - ', 'GE', 'GEZDGNBVGY3TQOI', 'GEZDGNBVGY3TQOI='].map(
    (text) => [seed(text), '.otpSeed'] as const,
  ),
  [seed('A'.repeat(6560)), '.otpSeed'],
  ...[
    undefined,
    null,
    7,
    '',
    'x'.repeat(4097),
    'é'.repeat(2049),
    `${SECRET}\ud800`,
    new Uint8Array(20),
  ].map((secret) => [key(KEYS.otpSeed, secret), '.tokenSecret'] as const),
  [[OTHER_KEYS, seed('1')], '[1].otpSeed'],
  [[key(KEYS.otpSeed, ''), OTHER_KEYS], '[0].tokenSecret'],
];

describe('hosts that are refused', () => {
  for (const [entry, path] of ENTRIES) {
    const field = `hosts["example.com"]${path}`;
    it(`include ${show(entry).slice(0, 80)}, with an error that names ${field}`, async () => {
      const options = { hosts: { 'example.com': entry as never } };
      await expectOptionError(() => createVerifier(options), field);
      await expectOptionError(() => createIssuer(options), field);
      const [verifier, issuer] = [
        await createVerifier({ replay: { capacity: 1 } }),
        await createIssuer(),
      ];
      await expectOptionError(async () => verifier.setHost('example.com', entry as never), field);
      await expectOptionError(async () => issuer.setHost('example.com', entry as never), field);
      expect([verifier.hosts, issuer.hosts]).toEqual([[], []]);
    });
  }

  for (const domain of DOMAINS_REFUSED) {
    const field = `hosts[${JSON.stringify(domain)}]`;
    it(`include the domain ${JSON.stringify(domain).slice(0, 40)}`, async () => {
      await expectOptionError(() => createVerifier({ hosts: { [domain]: KEYS } }), field);
      const verifier = await createVerifier({ replay: { capacity: 1 } });
      await expectOptionError(async () => verifier.setHost(domain, KEYS), field);
    });
  }

  for (const domain of [undefined, null, 7, 7n, {}, KEYS]) {
    it(`include a domain of type ${typeof domain}: ${domain}`, async () => {
      const verifier = await createVerifier({ replay: { capacity: 1 } });
      await expectOptionError(
        async () => verifier.setHost(domain as never, KEYS),
        `hosts[${typeof domain}]`,
      );
    });
  }

  it('include one host in two spellings', async () => {
    const twice = { 'example.com': KEYS, 'EXAMPLE.com': OTHER_KEYS };
    await expectOptionError(() => createVerifier({ hosts: twice }), 'hosts["EXAMPLE.com"]');
    await expectOptionError(() => createIssuer({ hosts: twice }), 'hosts["EXAMPLE.com"]');
    const prepared = { 'bücher.example': KEYS, 'BÜCHER.example': KEYS };
    const prepareJid = (jid: string) => jid.toLowerCase();
    await expectOptionError(
      () => createVerifier({ hosts: prepared, prepareJid }),
      'hosts["BÜCHER.example"]',
    );
  });

  it('include a domain that prepareJid refuses', () =>
    expectOptionError(
      () => createVerifier({ hosts, prepareJid: () => null }),
      'hosts["example.com"]',
    ));
});

describe('a prepareJid with an invalid answer', () => {
  for (const [name, prepareJid] of [
    ['a promise', async (jid: string) => jid],
    ['a number', () => 7],
    ['an object', (jid: string) => ({ jid })],
  ] as const) {
    it(`is refused with the first host: ${name}`, async () => {
      const options = { prepareJid: prepareJid as never, replay: { capacity: 1 } };
      await expectOptionError(() => createVerifier({ ...options, hosts }), 'prepareJid');
      const verifier = await createVerifier(options);
      await expectOptionError(async () => verifier.setHost('example.com', KEYS), 'prepareJid');
    });
  }
});

describe('bad options of loadCore', () => {
  for (const [options, field] of [
    [null, 'options'],
    [7, 'options'],
    [{ modul: 7 }, 'options.modul'],
    [{ module: 7 }, 'module'],
  ] as const) {
    it(`${show(options)} give an error that names ${field}`, () =>
      expectOptionError(() => loadCore(options as never), field));
  }
});

describe('hosts that are accepted', () => {
  for (const domain of [
    'localhost',
    'a',
    '0',
    'a-b.example',
    'under_score.example',
    '192.0.2.1',
    '[2001:db8::1]',
    'bücher.example',
    'xn--bcher-kva.example',
    '例え.テスト',
    'q\u0323\u0307.example',
    '🦉.example',
    '[::ffff:192.0.2.1]',
    'd'.repeat(1023),
  ]) {
    it(`include the domain ${domain.slice(0, 30)}`, async () => {
      const verifier = await createVerifier({ hosts: { [domain]: KEYS }, replay: { capacity: 1 } });
      expect(verifier.hosts).toEqual([domain]);
    });
  }

  for (const [name, entry] of [
    ['a seed of 80 bits', seed('GEZDGNBVGY3TQOJQ')],
    ['a seed in lower case with spaces, hyphens and padding', seed('gezd gnbv-gy3t qojq===')],
    ['a seed of 4,096 bytes', seed('A'.repeat(6554))],
    ['a secret of one byte', key(KEYS.otpSeed, 'x')],
    ['a secret of 4,096 bytes', key(KEYS.otpSeed, 'é'.repeat(2048))],
    ['a secret of spaces and NUL', key(KEYS.otpSeed, ' \0 ')],
    ['sixteen keys', Array.from({ length: 16 }, () => KEYS)],
  ] as const) {
    it(name, async () => {
      const options = { hosts: { 'example.com': entry as never }, replay: { capacity: 1 } };
      expect((await createVerifier(options)).hosts).toEqual(['example.com']);
    });
  }
});
