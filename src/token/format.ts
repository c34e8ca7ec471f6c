/** Characters of a signature: 32 bytes in padded base64, RFC 4648 §4. */
export const SIGNATURE_CHARS = 44;
