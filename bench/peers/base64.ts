/**
 * The bytes of base64, if it is canonical: another spelling of a signature would be a token not
 * seen before.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Decoding is lenient.
  return bytes.toString('base64') === text ? bytes : undefined;
}
