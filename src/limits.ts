/**
 * Numbers that several folders share, each once. The core has its own copies of those that it
 * checks itself: test/unit/assembly/numbers.test.ts compares them.
 */

/**
 * Bytes of a part of a JID, in UTF-8: RFC 6122 §2.1. So long may a field of a SASL message be, too.
 */
export const MAX_JID_PART_BYTES = 1023;

/** Bytes of a JID: two parts, a resource of as many and two signs, RFC 6122 §2.1. */
export const MAX_JID_BYTES = 3 * MAX_JID_PART_BYTES + 2;

/**
 * Bytes of a line `jid TAB token`. A jid has 3071 at most and a token 310: no line that could be
 * good is longer.
 */
export const MAX_TOKEN_LINE_BYTES = 4096;

/** Bytes of a seed or a secret, decoded. */
export const MAX_SECRET_BYTES = 4096;

/** Most steps of a window to either side. Each step more is one more code that a guess may hit. */
export const MAX_WINDOW = 10;

/** Most steps that a window has: the present one too. */
export const MAX_WINDOW_STEPS = 2 * MAX_WINDOW + 1;

/** Fewest digits of an OTP: RFC 4226 §5.3. */
export const MIN_DIGITS = 6;

/**
 * Most digits of an OTP. A truncated value has 31 bits, 2147483647 at most: more digits would all
 * be zero.
 */
export const MAX_DIGITS = 10;

/** Longest time step, in seconds: a day. */
export const MAX_PERIOD = 86_400;

/** Most digits of a nonce. */
export const MAX_NONCE_DIGITS = 255;

/** Most keys of a host at a time, while it changes them. */
export const MAX_KEYS = 16;
