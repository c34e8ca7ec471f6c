import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import { parseOtpauthMigration } from '../../../src/otp/otpauth-migration.js';
import { fieldsOf } from '../../../src/otp/protobuf.js';
import { thrownBy } from './reference.js';

/** A protobuf writer, as https://protobuf.dev/programming-guides/encoding/ says. */
function varint(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
const number = (field: number, value: bigint | number) => [...varint(field << 3), ...varint(value)];
const bytes = (field: number, value: Iterable<number>) => {
  const all = [...value];
  return [...varint((field << 3) | 2), ...varint(all.length), ...all];
};
const text = (field: number, value: string) => bytes(field, new TextEncoder().encode(value));
const uriOf = (payload: readonly number[]) =>
  `otpauth-migration://offline?data=${encodeURIComponent(Buffer.from(payload).toString('base64'))}`;

const HELLO = [0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x21, 0xde, 0xad, 0xbe, 0xef];
const secret = bytes(1, HELLO);
const [hotp, totp] = [number(6, 1), number(6, 2)];
const named = text(2, 'Example:alice');
const good = [...secret, ...named, ...totp];
const GOOD = {
  type: 'totp',
  account: 'alice',
  issuer: 'Example',
  secret: 'JBSWY3DPEHPK3PXP',
  algorithm: 'SHA-1',
  digits: 6,
  period: 30,
};
const oneBatch = { batchSize: 1, batchIndex: 0, batchId: 0 };
const keysOf = (...keys: number[][]) => keys.flatMap((key) => bytes(1, key));

describe('parseOtpauthMigration', () => {
  it('reads the example of dim13/otpauth, the first reader of the format', () => {
    const uri =
      'otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC';
    // It prints otpauth://totp/Example:alice@google.com?issuer=Example&secret=JBSWY3DPEHPK3PXP
    const keys = [{ ...GOOD, account: 'alice@google.com' }];
    expect(parseOtpauthMigration(uri)).toEqual({ keys, ...oneBatch });
  });

  it('reads every field of a key, and skips those that are not known', () => {
    const full = [
      ...secret,
      ...named,
      ...text(3, 'Example'),
      ...number(4, 3),
      ...number(5, 2),
      ...hotp,
      ...number(7, 2n ** 53n),
      ...text(8, 'a unique id'),
      ...number(999, 5),
      ...[...varint((10 << 3) | 1), 1, 2, 3, 4, 5, 6, 7, 8],
      ...[...varint((11 << 3) | 5), 1, 2, 3, 4],
    ];
    const { period: _, ...counted } = { ...GOOD, type: 'hotp', algorithm: 'SHA-512', digits: 8 };
    expect(parseOtpauthMigration(uriOf(keysOf(full)))).toEqual({
      keys: [{ ...counted, counter: 2n ** 53n }],
      ...oneBatch,
    });
  });

  it('takes an absent counter for 0, which protobuf leaves out', () => {
    const { keys } = parseOtpauthMigration(uriOf(keysOf([...secret, ...named, ...hotp])));
    expect(keys).toMatchObject([{ type: 'hotp', counter: 0 }]);
  });

  it('says which QR code of how many it is, and of which export', () => {
    const batch = (size: number, index: number, id: number) => [
      ...keysOf(good),
      ...number(2, 1),
      ...number(3, size),
      ...number(4, index),
      ...number(5, id),
    ];
    for (const [batchSize, batchIndex, batchId] of [
      [3, 2, 1_375_042_305],
      [2, 0, -320_017_171],
      [1, 0, 0],
    ] as const) {
      expect(parseOtpauthMigration(uriOf(batch(batchSize, batchIndex, batchId)))).toEqual({
        keys: [GOOD],
        batchSize,
        batchIndex,
        batchId,
      });
    }
  });

  it('reads several keys in their order, each as often as it stands there', () => {
    const other = [...secret, ...text(2, 'bob'), ...totp];
    const { keys } = parseOtpauthMigration(uriOf(keysOf(good, other, good)));
    expect(keys.map(({ account }) => account)).toEqual(['alice', 'bob', 'alice']);
  });

  it('reads base64 with a bare plus, with a space in its place, without padding, and base64url', () => {
    // The bytes give '+' and '/' in base64.
    const payload = keysOf([
      ...bytes(1, [0, 0, 0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff]),
      ...named,
      ...totp,
    ]);
    const base64 = Buffer.from(payload).toString('base64');
    expect(base64).toMatch(/\+.*\/.*=$/);
    const spellings = [
      base64,
      base64.replaceAll('+', ' '),
      base64.replaceAll('=', ''),
      Buffer.from(payload).toString('base64url'),
      encodeURIComponent(base64),
    ];
    for (const data of spellings) {
      const uri = `  OTPAUTH-Migration://offline/?x=%&data=${data}#end\n`;
      expect(parseOtpauthMigration(uri)).toEqual(parseOtpauthMigration(uriOf(payload)));
    }
  });

  for (const [why, field, uri] of [
    ['nothing', 'uri', undefined],
    ['a key URI', 'uri', 'otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP'],
    ['a URI without data', 'data', 'otpauth-migration://offline'],
    ['empty data', 'data', 'otpauth-migration://offline?data='],
    ['data twice', 'data', `${uriOf(keysOf(good))}&data=AA`],
    ['data that is no base64', 'data', 'otpauth-migration://offline?data=A*A'],
    ['a bad escape', 'data', 'otpauth-migration://offline?data=%E0'],
    ['bytes that are no message', 'data', uriOf([0xff])],
    ['a tag without an end', 'data', uriOf([...keysOf(good), 0x80])],
    ['a number without an end', 'data', uriOf([0x18, 0xff])],
    ['a number of eleven bytes', 'data', uriOf([0x18, ...Array(10).fill(0x80), 1])],
    ['a number above 64 bits', 'data', uriOf([0x18, ...Array(9).fill(0xff), 2])],
    ['a length beyond the end', 'data', uriOf([0x0a, 0x7f, 0x0a])],
    ['a length of 2^63', 'data', uriOf([0x0a, ...varint(2n ** 63n)])],
    ['a cut fixed64', 'data', uriOf([...varint((20 << 3) | 1), 1, 2, 3])],
    ['a group', 'data', uriOf([0x0b, 0x0c])],
    ['field 0', 'data', uriOf([0x00, 0x00])],
    ['keys that are a number', 'keys[0]', uriOf(number(1, 5))],
    ['a key that is no message', 'keys[1]', uriOf(keysOf(good, [0x0a, 0x20]))],
    ['a batch size that is text', 'batchSize', uriOf(text(3, 'a'))],
    ['a negative batch size', 'batchSize', uriOf(number(3, -1))],
    ['two batch sizes', 'batchSize', uriOf([...number(3, 1), ...number(3, 2)])],
    ['an index beyond the size', 'batchIndex', uriOf([...number(3, 2), ...number(4, 2)])],
    ['two batch ids', 'batchId', uriOf([...number(5, 1), ...number(5, 1)])],
    ['no secret', 'keys[0].secret', uriOf(keysOf([...named, ...totp]))],
    ['an empty secret', 'keys[0].secret', uriOf(keysOf([...bytes(1, []), ...named, ...totp]))],
    ['two secrets', 'keys[0].secret', uriOf(keysOf([...good, ...secret]))],
    ['a secret that is a number', 'keys[0].secret', uriOf(keysOf([...number(1, 7), ...totp]))],
    [
      'a secret of 4097 bytes',
      'keys[0].secret',
      uriOf(keysOf([...bytes(1, Array(4097).fill(7)), ...totp])),
    ],
    ['two accounts', 'keys[0].account', uriOf(keysOf([...good, ...named]))],
    [
      'an account that is not UTF-8',
      'keys[0].account',
      uriOf(keysOf([...secret, ...bytes(2, [0xff]), ...totp])),
    ],
    [
      'an account of 1024 characters',
      'keys[0].account',
      uriOf(keysOf([...secret, ...text(2, 'a'.repeat(1024)), ...totp])),
    ],
    [
      'an issuer that is not UTF-8',
      'keys[0].issuer',
      uriOf(keysOf([...good, ...bytes(3, [0xc3])])),
    ],
    ['MD5', 'keys[0].algorithm', uriOf(keysOf([...good, ...number(4, 4)]))],
    ['a hash of 2^63', 'keys[0].algorithm', uriOf(keysOf([...good, ...number(4, 2n ** 63n)]))],
    ['digits that are not known', 'keys[0].digits', uriOf(keysOf([...good, ...number(5, 3)]))],
    ['no type', 'keys[0].type', uriOf(keysOf([...secret, ...named]))],
    [
      'a type that is not known',
      'keys[1].type',
      uriOf(keysOf(good, [...secret, ...named, ...number(6, 3)])),
    ],
    [
      'a negative counter',
      'keys[0].counter',
      uriOf(keysOf([...secret, ...named, ...hotp, ...number(7, -1)])),
    ],
  ] as const) {
    it(`refuses ${why} and names ${field}`, () => {
      const error = thrownBy(() => parseOtpauthMigration(uri as string)) as Error;
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code: 'ERR_OPTION', field });
      expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/JBSWY|Hello|SGVsbG8/);
    });
  }

  it('throws only ERR_OPTION for whatever an export is cut to or changed to', () => {
    const whole = [...keysOf(good, [...secret, ...hotp, ...number(7, 300)]), ...number(3, 1)];
    const read = (payload: readonly number[]) => {
      try {
        parseOtpauthMigration(uriOf(payload));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_OPTION', field: expect.any(String) });
      }
    };
    for (let i = 0; i <= whole.length; i++) {
      read(whole.slice(0, i));
      for (const byte of [0, 0x7f, 0x80, 0xff])
        read(whole.map((each, at) => (at === i ? byte : each)));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => read([...payload])),
      { numRuns: 500 },
    );
  });
});

describe('fieldsOf', () => {
  it('reads the examples of the encoding guide of protobuf', () => {
    expect(fieldsOf(Uint8Array.of(0x08, 0x96, 0x01))).toEqual([{ number: 1, varint: 150n }]);
    const testing = new TextEncoder().encode('testing');
    expect(fieldsOf(Uint8Array.of(0x12, 0x07, ...testing))).toEqual([
      { number: 2, bytes: testing },
    ]);
    const negative = Uint8Array.of(0x08, 0xfe, ...Array(8).fill(0xff), 0x01);
    expect(fieldsOf(negative)).toEqual([{ number: 1, varint: 2n ** 64n - 2n }]);
    expect(fieldsOf(new Uint8Array())).toEqual([]);
  });

  it('looks at each byte once', () => {
    let reads = 0;
    const counting = new Proxy(new Uint8Array(30_000), {
      get(target, name) {
        if (typeof name === 'string' && /^\d+$/.test(name)) reads++;
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    // Field 1, each a number: 15,000 of them.
    for (let i = 0; i < counting.length; i += 2) counting[i] = 0x08;
    expect(fieldsOf(counting)).toHaveLength(15_000);
    expect(reads).toBe(30_000);
  });
});
