import { describe, expect, it } from 'vitest';
import { encodeBase64url, textOfBase64, textOfBase64url } from '../../../src/text/base64.js';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('base64url', () => {
  it('is that of Buffer, without padding, for every byte and each remainder by three', () => {
    const all = Uint8Array.from({ length: 770 }, (_, i) => i % 257);
    for (const length of [0, 1, 2, 3, 4, 5, 768, 769, 770]) {
      const part = all.subarray(0, length);
      expect(encodeBase64url(part)).toBe(Buffer.from(part).toString('base64url'));
    }
    expect(encodeBase64url(bytes(0xfb, 0xff, 0xfe))).toBe('-__-');
  });

  it('is read as the UTF-8 that it holds', () => {
    for (const text of ['', 'f', 'fo', 'foo', '¿ü🐞', '\ufeffa', '\0'])
      expect(textOfBase64url(Buffer.from(text).toString('base64url'))).toBe(text);
  });

  it.each([
    'Zg==',
    'Zg=',
    'Zh',
    'Zm9',
    'Zm9v+',
    'Zm/v',
    'Z',
    'Zm9vZ',
    ' Zg',
    'Zg\n',
    'Zm 9v',
    'Zm.v',
  ])('is not %j, which is no base64url or another spelling of it', (text) =>
    expect(textOfBase64url(text)).toBeNull(),
  );

  it('holds no text where its bytes are no UTF-8', () => {
    for (const part of [bytes(0xff), bytes(0xc3), bytes(0xed, 0xa0, 0x80)])
      expect(textOfBase64url(Buffer.from(part).toString('base64url'))).toBeNull();
  });
});

/** RFC 4648 §10. */
const VECTORS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const;

describe('base64', () => {
  it.each(VECTORS)('of %j is %j', (text, base64) => {
    expect(textOfBase64(base64)).toBe(text);
    expect(encodeBase64url(Buffer.from(text))).toBe(base64.replaceAll('=', ''));
  });

  it('is read with and without padding', () => {
    for (const text of ['f', 'fo', 'foo', 'ü']) {
      const base64 = Buffer.from(text).toString('base64');
      expect(textOfBase64(base64)).toBe(text);
      expect(textOfBase64(base64.replaceAll('=', ''))).toBe(text);
    }
  });

  it.each(['Z', 'Zg=', '-_', 'é', '////'])('holds no text in %j', (text) =>
    expect(textOfBase64(text)).toBeNull(),
  );
});
