/**
 * Numbers that several folders share. The core has its own copies of the numbers that it checks.
 * test/unit/assembly/numbers.test.ts compares them.
 */

/**
 * The most bytes of a part of a JID, in UTF-8: RFC 6122 §2.1. Also the most bytes of a field of a
 * SASL message.
 */
export const MAX_JID_PART_BYTES = 1023;

/**
 * The most bytes of a JID: two parts, a resource of the same length and two separators, RFC 6122
 * §2.1.
 */
export const MAX_JID_BYTES = 3 * MAX_JID_PART_BYTES + 2;

/**
 * The most bytes of a line `jid TAB token`. A jid has at most 3071 bytes and a token 310, so no
 * valid line is longer.
 */
export const MAX_TOKEN_LINE_BYTES = 4096;

/** The most bytes of a decoded seed or secret. */
export const MAX_SECRET_BYTES = 4096;

/**
 * The most steps of a window on either side. Each further step is one more code that a guess may
 * hit.
 */
export const MAX_WINDOW = 10;

/** The most steps of a whole window, including the present one. */
export const MAX_WINDOW_STEPS = 2 * MAX_WINDOW + 1;

/** The fewest digits of an OTP: RFC 4226 §5.3. */
export const MIN_DIGITS = 6;

/**
 * The most digits of an OTP. A truncated value has 31 bits, at most 2147483647, so further digits
 * would always be zero.
 */
export const MAX_DIGITS = 10;

/** The longest time step, in seconds: a day. */
export const MAX_PERIOD = 86_400;

/** The most digits of a nonce. */
export const MAX_NONCE_DIGITS = 255;

/** The most keys of a host at a time, while its keys are being rotated. */
export const MAX_KEYS = 16;
