/**
 * The peer that the others of a table are compared with: the quickest in common use. A browser's
 * own HMAC answers only later.
 */
export const BASELINE = 'noble-midstate';
