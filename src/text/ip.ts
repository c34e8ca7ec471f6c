/**
 * Writes an IP address: IPv4 in decimal, IPv6 in the spelling of RFC 5952 §4.
 *
 * @param bytes - 4 or 16 bytes, in network order.
 */
export function addressOfBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
  );
  // URL shortens the longest run of zeroes, as RFC 5952 requires.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/**
 * Converts an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) to IPv4. Returns any other text
 * unchanged.
 */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
