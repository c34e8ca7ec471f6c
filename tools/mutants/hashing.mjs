// Mutants of the hashes, of HMAC, HOTP and base64.
/** @typedef {import('./mutant.mjs').Mutant} Mutant */

const HASHES = ['test/unit/mac/hash.test.ts'];
const MACS = ['test/unit/mac/rfc.test.ts', 'test/unit/mac/lengths.test.ts'];
const FOUR = ['test/unit/token/pyotp-tokens.test.ts', 'test/unit/token/jid-lengths.test.ts'];
const SIGNATURES = ['test/unit/assembly/base64.test.ts'];
const CONSTANT_TIME = [
  'test/unit/assembly/constant-time.test.ts',
  'test/unit/assembly/branches.test.ts',
];

/** @type {readonly Mutant[]} */
export const HASHING = [
  {
    name: 'SHA-1: a wrong round constant',
    file: 'assembly/sha1.ts',
    find: '0x8f1bbcdc',
    replace: '0x8f1bbcdd',
    tests: HASHES,
  },
  {
    name: 'SHA-1: a schedule without its rotation, as SHA-0 had it',
    file: 'assembly/sha1.ts',
    find: 'rotl(mixed, 1)',
    replace: 'mixed',
    tests: HASHES,
  },
  {
    name: 'SHA-1: Parity in place of Maj',
    file: 'assembly/sha1.ts',
    find: '  if (phase == 2) return (x & y) | (z & (x | y));\n',
    replace: '',
    tests: HASHES,
  },
  {
    name: 'SHA-256: the last round constant wrong in one bit',
    file: 'assembly/sha256.ts',
    find: '0xc67178f2',
    replace: '0xc67178f3',
    tests: HASHES,
  },
  {
    name: 'SHA-256: an initial word wrong in one bit',
    file: 'assembly/sha256.ts',
    find: '0x9b05688c',
    replace: '0x9b05688d',
    tests: HASHES,
  },
  {
    name: 'SHA-256: a rotation of Σ1 by one more',
    file: 'assembly/sha256.ts',
    find: 'rotr(x, 25)',
    replace: 'rotr(x, 26)',
    tests: HASHES,
  },
  {
    name: 'SHA-256 in four lanes: a shift of Σ0 by one less',
    file: 'assembly/sha256x4.ts',
    find: 'left3(x, 11, 9, 10)',
    replace: 'left3(x, 11, 9, 9)',
    tests: FOUR,
  },
  {
    name: 'SHA-256 in four lanes: another function in place of Maj',
    file: 'assembly/sha256x4.ts',
    find: 'v128.and(v128.xor(a, b), v128.xor(b, c))',
    replace: 'v128.or(v128.xor(a, b), v128.xor(b, c))',
    tests: FOUR,
  },
  {
    name: 'SHA-256 in four lanes: the last word does not chain',
    file: 'assembly/sha256x4.ts',
    find: 'i32x4.add(v128.load(state, 112), h)',
    replace: 'h',
    tests: FOUR,
  },
  {
    name: 'four lanes: the third lane takes the fourth one’s key',
    file: 'assembly/four.ts',
    find: 'a.key + outer, b.key + outer, c.key + outer',
    replace: 'a.key + outer, b.key + outer, d.key + outer',
    tests: ['test/unit/token/hosts.test.ts', 'test/unit/token/rotation.test.ts'],
  },
  {
    name: 'the table for a second block: a length of one bit too many',
    file: 'assembly/message.ts',
    find: 'store<u32>(w, messageBits(length), 60);',
    replace: 'store<u32>(w, messageBits(length) + 1, 60);',
    tests: FOUR,
  },
  {
    name: 'SHA-512: a wrong round constant',
    file: 'assembly/sha512.ts',
    find: '0x6c44198c4a475817',
    replace: '0x6c44198c4a475816',
    tests: HASHES,
  },
  {
    name: 'SHA-512: an initial word wrong in one bit',
    file: 'assembly/sha512.ts',
    find: '0x5be0cd19137e2179',
    replace: '0x5be0cd19137e2178',
    tests: HASHES,
  },
  {
    name: 'SHA-512: a rotation of σ1 by one less',
    file: 'assembly/sha512.ts',
    find: 'rotr(x, 61)',
    replace: 'rotr(x, 60)',
    tests: HASHES,
  },
  {
    name: 'padding: a block too many where the length just fits',
    file: 'assembly/hash.ts',
    find: 'if (held + 1 + (size >> 3) > size)',
    replace: 'if (held + 1 + (size >> 3) >= size)',
    tests: ['test/unit/mac/lengths.test.ts', ...HASHES],
  },
  {
    name: 'padding: the length without the blocks before it',
    file: 'assembly/hash.ts',
    find: 'bswap((taken + length) << 3)',
    replace: 'bswap((length) << 3)',
    tests: MACS,
  },
  {
    name: 'HMAC: a key of exactly one block is hashed',
    file: 'assembly/hmac.ts',
    find: 'if (length > size)',
    replace: 'if (length >= size)',
    tests: MACS,
  },
  {
    name: 'HMAC: the outer pad on top of the inner one',
    file: 'assembly/hmac.ts',
    find: '0x3636363636363636 ^ 0x5c5c5c5c5c5c5c5c',
    replace: '0x5c5c5c5c5c5c5c5c',
    tests: MACS,
  },
  {
    name: 'HMAC: what a key leaves behind is not wiped',
    file: 'assembly/hmac.ts',
    find: '  wipeHashing();\n',
    replace: '',
    tests: ['test/unit/assembly/wiping.test.ts'],
  },
  {
    name: 'HOTP: the sign bit is kept',
    file: 'assembly/hotp.ts',
    find: '0x7fffffff',
    replace: '0xffffffff',
    tests: ['test/unit/otp/hotp.test.ts', 'test/unit/otp/totp.test.ts'],
  },
  {
    name: 'HOTP: an offset of three bits',
    file: 'assembly/hotp.ts',
    find: '- 1) & 15',
    replace: '- 1) & 7',
    tests: ['test/unit/otp/hotp.test.ts', 'test/unit/otp/totp.test.ts'],
  },
  {
    name: 'signature: the last twelve characters are not compared',
    file: 'assembly/base64.ts',
    find: 'v128.xor(encodeLast(bytes + 24), v128.and(v128.load(chars, 32), v128.load(TWELVE))),',
    replace: 'i32x4.splat(0),',
    tests: SIGNATURES,
  },
  {
    name: 'signature: an early exit after sixteen characters',
    file: 'assembly/base64.ts',
    find: '  const wrong = v128.or(\n    v128.or(\n      v128.xor(encode12(bytes, SPREAD)',
    replace:
      '  if (v128.any_true(v128.xor(encode12(bytes, SPREAD), v128.load(chars)))) return false;\n' +
      '  const wrong = v128.or(\n    v128.or(\n      v128.xor(encode12(bytes, SPREAD)',
    tests: CONSTANT_TIME,
  },
  {
    name: 'base64: the padding is not looked at',
    file: 'assembly/base64.ts',
    find: '  if (i8x16.extract_lane_u(tail, 15) != 0x3d) return false;\n',
    replace: '',
    tests: SIGNATURES,
  },
  {
    name: 'base64: the two spare bits may be set',
    file: 'assembly/base64.ts',
    find: 'return isSpareFree(i8x16.extract_lane_u(tail, 14));',
    replace: 'return true;',
    tests: SIGNATURES,
  },
  {
    name: 'base64: the dot in place of the slash',
    file: 'assembly/base64.ts',
    find: 'i8x16.splat(0x2f)',
    replace: 'i8x16.splat(0x2e)',
    tests: SIGNATURES,
  },
];
