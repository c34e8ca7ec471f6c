/** Imports at their limits, and what they leave behind in the realm. */
import { describe, expect, it } from 'vitest';
import { otpauthUri, parseOtpauthUri } from '../../../src/index.js';
import { parseOtpauthMigration } from '../../../src/otp/otpauth-migration.js';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const MAX_URI_CHARS = 65_536;
const MEGABYTES_30 = 30_000_000;

/** All that the statics of RegExp hold: `$_`, `input`, `lastMatch`, `$1` and the others. */
const left = () =>
  Object.values(Object.getOwnPropertyDescriptors(RegExp)).map(({ get }) =>
    String(get?.call(RegExp)),
  );

describe('RegExp statics hold no secret after an import', () => {
  const bytes = Buffer.from('12345678901234567890');
  const message = (name: string) =>
    Buffer.from([10, bytes.length, ...bytes, 18, name.length, ...Buffer.from(name), 48, 2]);
  const exported = (key: Buffer) =>
    `otpauth-migration://offline?data=${Buffer.from([10, key.length, ...key]).toString('base64')}`;

  it.each([
    ['a good URI', `otpauth://totp/ACME:alice?secret=${SECRET}&issuer=ACME&digits=8`],
    ['a URI for HOTP', `otpauth://hotp/alice?secret=${SECRET}&counter=12`],
    ['a secret that is no base32', `otpauth://totp/alice?secret=${SECRET}1`],
    ['a secret as digits', `otpauth://totp/alice?secret=${SECRET}&digits=${SECRET}`],
    ['a secret as algorithm', `otpauth://totp/alice?secret=A&algorithm=${SECRET}`],
    ['a secret as label', `otpauth://totp/${SECRET}:${SECRET}`],
    ['a bad period', `otpauth://totp/alice?secret=${SECRET}&period=30000`],
    ['a secret twice', `otpauth://totp/alice?secret=${SECRET}&secret=B${SECRET}`],
    ['white space around it', `\n otpauth://totp/alice?secret=%20${SECRET}%0A \n`],
    ['an export', exported(message('ACME:alice'))],
    ['a broken export', exported(message('ACME:alice').subarray(0, 30))],
  ])('of %s', (_, uri) => {
    for (const options of [undefined, { strict: true }]) {
      for (const parse of [parseOtpauthUri, parseOtpauthMigration] as const) {
        /before/.test('before');
        try {
          parse(uri, options);
        } catch {}
        const secrets = [SECRET.slice(0, 12), uri.slice(33, 53), bytes.toString('latin1')];
        expect(left().filter((text) => secrets.some((each) => text.includes(each)))).toEqual([]);
      }
    }
  });
});

describe('an import reads no more than 65,536 characters', () => {
  const head = `otpauth://totp/alice?secret=${SECRET}`;

  /** Fails if anything looks at the text, which is too long, but at its length. */
  const unread = (start: string) => {
    const text = start.padEnd(MEGABYTES_30, '%20+:&=');
    const read: string[] = [];
    const methods = Object.getOwnPropertyNames(String.prototype).filter(
      (name) => typeof (String.prototype as never)[name] === 'function' && name !== 'constructor',
    );
    const originals = new Map(methods.map((name) => [name, (String.prototype as never)[name]]));
    const spied = (act: () => unknown) => {
      try {
        for (const name of methods) {
          const original = originals.get(name) as unknown as (...args: unknown[]) => unknown;
          Object.defineProperty(String.prototype, name, {
            configurable: true,
            writable: true,
            value(this: string, ...args: unknown[]) {
              if (this.length === MEGABYTES_30) read.push(name);
              return Reflect.apply(original, this, args);
            },
          });
        }
        return act();
      } finally {
        for (const [name, value] of originals) {
          Object.defineProperty(String.prototype, name, {
            configurable: true,
            writable: true,
            value,
          });
        }
      }
    };
    return { text, read, spied };
  };

  it.each([
    ['parseOtpauthUri', (text: string) => parseOtpauthUri(text), head],
    ['parseOtpauthUri, strictly', (text: string) => parseOtpauthUri(text, { strict: true }), head],
    ['parseOtpauthMigration', parseOtpauthMigration, 'otpauth-migration://offline?data='],
    ['parseOtpauthUri of spaces', (text: string) => parseOtpauthUri(text), ' '],
  ])('%s refuses 30 MB by their length alone', (_, parse, start) => {
    const { text, read, spied } = unread(start);
    let error: unknown;
    spied(() => {
      try {
        parse(text);
      } catch (thrown) {
        error = thrown;
      }
    });
    expect(error).toMatchObject({ code: 'ERR_OPTION', field: 'uri', fault: '30000000 characters' });
    expect(read).toEqual([]);
  });

  const fill = (start: string, piece: string) =>
    (start + piece.repeat(MAX_URI_CHARS)).slice(0, MAX_URI_CHARS);

  it.each([
    ['spaces in the label', fill('otpauth://totp/', ' '), 'secret'],
    ['escaped spaces in the label', fill('otpauth://totp/', '%20'), 'account'],
    ['colons', fill('otpauth://totp/', ':'), 'account'],
    ['parameters that are not known', fill(`${head}&`, 'x&'), undefined],
    ['the secret over and over', fill(`${head}`, `&secret=${SECRET}`), 'secret'],
    ['equals signs', fill(`${head}&`, '='), undefined],
    ['percent signs', fill(`${head}&x=`, '%'), undefined],
    ['a secret of white space', fill('otpauth://totp/a?secret=', '+'), 'secret'],
    ['a name of combining marks', fill('otpauth://totp/a', '\u0308'), 'account'],
    ['digits without an end', fill(`${head}&digits=`, '9'), 'digits'],
    ['an algorithm without an end', fill(`${head}&algorithm=`, 'sha'), 'algorithm'],
  ])('parseOtpauthUri answers to as many of %s', (_, uri, field) => {
    expect(uri).toHaveLength(MAX_URI_CHARS);
    const read = () => parseOtpauthUri(uri);
    if (field === undefined) expect(read()).toMatchObject({ account: 'alice', secret: SECRET });
    else expect(read).toThrow(expect.objectContaining({ code: 'ERR_OPTION', field }));
  });

  it.each([
    ['empty keys', 'CgAKAAoA', 'keys[0].type'],
    ['fields that are not known', 'YAFgAWAB', undefined],
    ['text that is no base64', '*', 'data'],
    ['percent signs', '%', 'data'],
    ['spaces', ' ', 'data'],
    ['parameters', '&data=', 'data'],
  ])('parseOtpauthMigration answers to as many of %s', (_, piece, field) => {
    const start = 'otpauth-migration://offline?data=';
    const count = Math.floor((MAX_URI_CHARS - start.length) / piece.length);
    const read = () => parseOtpauthMigration(start + piece.repeat(count));
    if (field === undefined) expect(read().keys).toEqual([]);
    else expect(read).toThrow(expect.objectContaining({ code: 'ERR_OPTION', field }));
  });

  it('but as long a secret and names as otpauthUri writes are read back', () => {
    const name = 'ü'.repeat(1023);
    const key = { account: name, issuer: name, secret: new Uint8Array(4096).fill(0xa5) };
    const uri = otpauthUri(key);
    expect(parseOtpauthUri(uri)).toEqual(parseOtpauthUri(uri, { strict: true }));
  });
});
