import { timingSafeEqual } from 'node:crypto';

const SIGNATURE_CHARS = 44;

const expected = Buffer.alloc(SIGNATURE_CHARS);
const given = Buffer.alloc(SIGNATURE_CHARS);

/**
 * Whether two signatures are the same, by `timingSafeEqual`. The MAC's own base64 is canonical, so
 * what equals it is too. Writing into buffers that are kept is quicker than decoding, and than
 * making new ones.
 */
export function equalSignatures(mac: string, signature: string): boolean {
  if (signature.length !== SIGNATURE_CHARS) return false;
  expected.write(mac, 'latin1');
  given.write(signature, 'latin1');
  return timingSafeEqual(expected, given);
}

/** The same without leaving JavaScript. */
export function equalSignaturesInScript(mac: string, signature: string): boolean {
  if (signature.length !== SIGNATURE_CHARS) return false;
  let difference = 0;
  for (let i = 0; i < SIGNATURE_CHARS; i++)
    difference |= mac.charCodeAt(i) ^ signature.charCodeAt(i);
  return difference === 0;
}
