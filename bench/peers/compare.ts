import { timingSafeEqual } from 'node:crypto';

const SIGNATURE_CHARS = 44;

const expected = Buffer.alloc(SIGNATURE_CHARS);
const given = Buffer.alloc(SIGNATURE_CHARS);

/**
 * Whether two signatures are equal, by `timingSafeEqual`. The MAC's base64 is canonical, so an
 * equal text is too. Writing into reused buffers is quicker than decoding or making new ones.
 */
export function equalSignatures(mac: string, signature: string): boolean {
  if (signature.length !== SIGNATURE_CHARS) return false;
  expected.write(mac, 'latin1');
  given.write(signature, 'latin1');
  return timingSafeEqual(expected, given);
}

/** The same, in JavaScript only. */
export function equalSignaturesInScript(mac: string, signature: string): boolean {
  if (signature.length !== SIGNATURE_CHARS) return false;
  let difference = 0;
  for (let i = 0; i < SIGNATURE_CHARS; i++)
    difference |= mac.charCodeAt(i) ^ signature.charCodeAt(i);
  return difference === 0;
}
