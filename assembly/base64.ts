/**
 * A MAC of 32 bytes is 44 characters: 42 of six bits, one with four bits and two spare ones, one
 * `=`.
 */
export const SIGNATURE_CHARS: usize = 44;

// Each group b0 b1 b2 becomes the 32-bit lane  b1 b0 b2 b1,  so that shifts find all its bits.
// prettier-ignore
const SPREAD: usize = memory.data<u8>([1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10], 16);
/** The same for the last 8 of 32 bytes: what follows them is not looked at. */
// prettier-ignore
const SPREAD_LAST: usize = memory.data<u8>([1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 255, 7, 255, 255, 255, 255], 16);
/** Where the six bits of each of its four characters go. */
const FIRST: usize = memory.data<u32>([0x0000003f, 0x0000003f, 0x0000003f, 0x0000003f], 16);
const SECOND: usize = memory.data<u32>([0x00003f00, 0x00003f00, 0x00003f00, 0x00003f00], 16);
const THIRD: usize = memory.data<u32>([0x003f0000, 0x003f0000, 0x003f0000, 0x003f0000], 16);
const FOURTH: usize = memory.data<u32>([0x3f000000, 0x3f000000, 0x3f000000, 0x3f000000], 16);
/** What a character has over its value, for the ranges A-Z, a-z, 0-9 (ten entries), + and /. */
// prettier-ignore
const OFFSETS: usize = memory.data<i8>([65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0], 16);
const LETTERS: usize = memory.data<u64>([0x3333333333333333, 0x3333333333333333], 16);
const CAPITALS: usize = memory.data<u64>([0x1919191919191919, 0x1919191919191919], 16);

/**
 * Twelve bytes (of the sixteen there) as sixteen characters, RFC 4648 §4. `order` is how they
 * spread.
 */
@inline function encode12(bytes: usize, order: usize): v128 {
  const spread = v128.swizzle(v128.load(bytes), v128.load(order));
  const six = v128.or(
    v128.or(
      v128.and(i32x4.shr_u(spread, 10), v128.load(FIRST)),
      v128.and(i32x4.shl(spread, 4), v128.load(SECOND)),
    ),
    v128.or(
      v128.and(i32x4.shr_u(spread, 6), v128.load(THIRD)),
      v128.and(i32x4.shl(spread, 8), v128.load(FOURTH)),
    ),
  );
  // The range of a value: 0 up to 25, 1 up to 51, then one for each value. The look-up is in a
  // register.
  const range = i8x16.sub(i8x16.sub_sat_u(six, v128.load(LETTERS)), i8x16.gt_s(six, v128.load(CAPITALS)));
  return i8x16.add(six, v128.swizzle(v128.load(OFFSETS), range));
}

/** The last 8 bytes as twelve characters, the twelfth of them padding, and four zeros. */
@inline function encodeLast(bytes: usize): v128 {
  return v128.or(v128.and(encode12(bytes, SPREAD_LAST), v128.load(TAIL)), v128.load(PADDING));
}
// prettier-ignore
const TAIL: usize = memory.data<u32>([0xffffffff, 0xffffffff, 0x00ffffff, 0], 16);
const PADDING: usize = memory.data<u32>([0, 0, 0x3d000000, 0], 16);

/**
 * Whether the 32 bytes at `bytes` encode to exactly the 44 characters at `chars`.
 *
 * Encoding the right MAC and comparing, instead of decoding what was sent, makes the form canonical
 * by itself and has no branch before the end: all 44 characters count in one comparison. Reads 8
 * bytes past the MAC, 4 past the text.
 */
@inline export function encodesTo(bytes: usize, chars: usize): bool {
  const wrong = v128.or(
    v128.or(
      v128.xor(encode12(bytes, SPREAD), v128.load(chars)),
      v128.xor(encode12(bytes + 12, SPREAD), v128.load(chars, 16)),
    ),
    v128.xor(encodeLast(bytes + 24), v128.and(v128.load(chars, 32), v128.load(TWELVE))),
  );
  return !v128.any_true(wrong);
}
const TWELVE: usize = memory.data<u32>([0xffffffff, 0xffffffff, 0xffffffff, 0], 16);

/** Writes the 44 characters of the 32 bytes at `bytes`. Four zero bytes follow. */
export function encode32(bytes: usize, out: usize): void {
  v128.store(out, encode12(bytes, SPREAD));
  v128.store(out, encode12(bytes + 12, SPREAD), 16);
  v128.store(out, encodeLast(bytes + 24), 32);
}

/** 1 in each byte that is a character of the alphabet, RFC 4648 §4 table 1. */
@inline function inAlphabet(chars: v128): v128 {
  const letter = v128.or(chars, i8x16.splat(0x20));
  const letters = i8x16.lt_u(i8x16.sub(letter, i8x16.splat(0x61)), i8x16.splat(26));
  const digits = i8x16.lt_u(i8x16.sub(chars, i8x16.splat(0x30)), i8x16.splat(10));
  const signs = v128.or(i8x16.eq(chars, i8x16.splat(0x2b)), i8x16.eq(chars, i8x16.splat(0x2f)));
  return v128.or(v128.or(letters, digits), signs);
}

/**
 * Whether 44 characters are the canonical base64 of some 32 bytes: 43 of the alphabet, the last of
 * them with its two spare bits zero (RFC 4648 §3.5), then one `=`.
 */
export function isCanonical(chars: usize): bool {
  const head = v128.and(inAlphabet(v128.load(chars)), inAlphabet(v128.load(chars, 16)));
  // Characters 28..43: the first four are seen twice, the last must be the padding.
  const tail = v128.load(chars, 28);
  const good = v128.and(head, i8x16.replace_lane(inAlphabet(tail), 15, -1));
  if (!i8x16.all_true(good)) return false;
  if (i8x16.extract_lane_u(tail, 15) != 0x3d) return false;
  return isSpareFree(i8x16.extract_lane_u(tail, 14));
}

/** Whether a character's value has its two low bits clear: A E I M Q U Y c g k o s w 0 4 8. */
function isSpareFree(char: u32): bool {
  if (char >= 0x61) return ((char - 0x61 + 26) & 3) == 0;
  if (char >= 0x41) return ((char - 0x41) & 3) == 0;
  if (char >= 0x30) return ((char - 0x30 + 52) & 3) == 0;
  // + is 62, / is 63
  return false;
}
