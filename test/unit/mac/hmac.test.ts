import { describe, expect, it } from 'vitest';
import { createHmac, hmac, hmacSha256 } from '../../../src/mac/hmac.js';
import { ALGORITHMS, DIGEST_BYTES, hex, nodeMac } from './implementations.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('hmac', () => {
  for (const text of ['', 'key', 'sëcrèt-ключ', '🐞', 'a\0b', '\ufeffBOM', 'x'.repeat(500)]) {
    it(`takes ${JSON.stringify(text.slice(0, 20))} for its UTF-8 bytes, as key and as message`, () => {
      const expected = hex(nodeMac('SHA-256', utf8(text), utf8(text)));
      expect(hex(hmacSha256(text, text))).toBe(expected);
      expect(hex(hmacSha256(utf8(text), text))).toBe(expected);
      expect(hex(hmacSha256(text, utf8(text)))).toBe(expected);
      expect(hex(hmacSha256(utf8(text), utf8(text)))).toBe(expected);
    });
  }

  it('equals hmacSha256 if the algorithm is SHA-256', () => {
    expect(hex(hmac('SHA-256', 'k', 'm'))).toBe(hex(hmacSha256('k', 'm')));
  });

  it('takes a Buffer and a part of a larger array', () => {
    const all = utf8('..key..');
    expect(hex(hmacSha256(all.subarray(2, 5), Buffer.from('m')))).toBe(
      hex(nodeMac('SHA-256', utf8('key'), utf8('m'))),
    );
  });

  it('does not change its key and message', () => {
    const key = utf8('key');
    const message = utf8('message');
    hmacSha256(key, message);
    expect([key, message]).toEqual([utf8('key'), utf8('message')]);
  });

  it('returns a copy that no later call overwrites', () => {
    const first = hmacSha256('k', 'first');
    const kept = hex(first);
    const second = hmacSha256('k', 'second');
    expect(hex(first)).toBe(kept);
    expect(first.buffer).not.toBe(second.buffer);
    expect(first.buffer.byteLength).toBe(32);
  });

  for (const algorithm of ALGORITHMS) {
    it(`returns ${DIGEST_BYTES[algorithm]} bytes for ${algorithm}`, () => {
      expect(hmac(algorithm, 'k', 'm')).toHaveLength(DIGEST_BYTES[algorithm]);
    });
  }
});

describe('createHmac', () => {
  it('holds many keys at a time, of every algorithm, apart from each other', () => {
    const held = Array.from({ length: 300 }, (_, i) => {
      const algorithm = ALGORITHMS[i % 3]!;
      return { algorithm, key: utf8(`key ${i}`), mac: createHmac(algorithm, `key ${i}`) };
    });
    for (const { algorithm, key, mac } of held) {
      expect(hex(mac.digest('m'))).toBe(hex(nodeMac(algorithm, key, utf8('m'))));
    }
    // Every other key is freed, and a later key takes a freed place.
    for (let i = 0; i < held.length; i += 2) held[i]!.mac.dispose();
    const later = createHmac('SHA-512', 'later');
    expect(hex(later.digest('m'))).toBe(hex(nodeMac('SHA-512', utf8('later'), utf8('m'))));
    for (let i = 1; i < held.length; i += 2) {
      const { algorithm, key, mac } = held[i]!;
      expect(hex(mac.digest('m')), `key ${i}`).toBe(hex(nodeMac(algorithm, key, utf8('m'))));
      mac.dispose();
    }
    later.dispose();
  });

  it('refuses to work once disposed of, and can be disposed of twice', () => {
    const mac = createHmac('SHA-256', 'k');
    mac.dispose();
    mac.dispose();
    expect(() => mac.digest('m')).toThrow(expect.objectContaining({ code: 'ERR_DISPOSED' }));
  });

  it('does not free the key of another if it is disposed of twice', () => {
    const first = createHmac('SHA-256', 'first');
    first.dispose();
    using second = createHmac('SHA-256', 'second');
    first.dispose();
    using third = createHmac('SHA-256', 'third');
    expect(hex(second.digest('m'))).toBe(hex(nodeMac('SHA-256', utf8('second'), utf8('m'))));
    expect(hex(third.digest('m'))).toBe(hex(nodeMac('SHA-256', utf8('third'), utf8('m'))));
  });

  it('is disposed of by `using`', () => {
    const mac = createHmac('SHA-256', 'k');
    {
      using _scoped = mac;
    }
    expect(() => mac.digest('m')).toThrow(expect.objectContaining({ code: 'ERR_DISPOSED' }));
  });
});

const SECRET = 'hunter2-hunter2';

describe('arguments of a wrong type', () => {
  for (const value of [
    undefined,
    null,
    1,
    1n,
    true,
    {},
    [1, 2],
    new ArrayBuffer(4),
    new Uint16Array(4),
  ]) {
    const what = Object.prototype.toString.call(value);
    it(`such as ${what} cause a TypeError that names the argument`, () => {
      expect(() => hmacSha256(value as never, 'm')).toThrow(TypeError);
      expect(() => hmacSha256(value as never, 'm')).toThrow(/^key /);
      expect(() => hmacSha256('k', value as never)).toThrow(TypeError);
      expect(() => hmacSha256('k', value as never)).toThrow(/^message /);
    });
  }

  for (const algorithm of [
    'sha-2-56',
    'HmacMD5',
    'SHA1HMAC',
    'SHA_256',
    'SHA-224',
    'MD5',
    '',
    'constructor',
    '__proto__',
    null,
    2,
  ]) {
    it(`such as the algorithm ${JSON.stringify(algorithm)} cause a TypeError`, () => {
      expect(() => hmac(algorithm as never, 'k', 'm')).toThrow(TypeError);
      expect(() => createHmac(algorithm as never, 'k')).toThrow(TypeError);
    });
  }

  it.each([
    ['SHA-1', ['SHA1', 'sha1', 'sha-1', 'HmacSHA1', 'HMAC-SHA1', 'hmac-sha-1']],
    ['SHA-256', ['SHA256', 'sha256', 'Sha-256', 'HmacSHA256', 'HMAC-SHA256']],
    ['SHA-512', ['SHA512', 'sha512', 'sha-512', 'hmacsha512', 'HMAC-SHA-512']],
  ] as const)('take %s in the spellings %j', (algorithm, spellings) => {
    for (const spelling of spellings) {
      expect(hmac(spelling as typeof algorithm, 'k', 'm')).toEqual(hmac(algorithm, 'k', 'm'));
    }
  });

  it('due to a wrong order cause a TypeError that does not show the key', () => {
    expect(() => hmac(SECRET as never, 'SHA-256', 'm')).toThrow(TypeError);
    try {
      hmac(SECRET as never, 'SHA-256', 'm');
    } catch (error) {
      expect(String(error)).not.toContain(SECRET);
    }
  });

  it('leave a held key usable', () => {
    using mac = createHmac('SHA-256', 'k');
    expect(() => mac.digest(null as never)).toThrow(TypeError);
    expect(hex(mac.digest('m'))).toBe(hex(nodeMac('SHA-256', utf8('k'), utf8('m'))));
  });
});
