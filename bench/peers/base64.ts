/**
 * Decodes base64 if it is canonical. Another spelling of a signature would count as a new token.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64');
  // The decoder is lenient, so the result is compared.
  return bytes.toString('base64') === text ? bytes : undefined;
}
