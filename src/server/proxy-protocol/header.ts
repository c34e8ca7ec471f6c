import { isIPv4, isIPv6 } from 'node:net';
import { addressOfBytes } from '../../text/ip.js';

/** The header that a proxy sends before the bytes of a connection. */
export interface ProxyHeader {
  /** Length of the header in bytes. The bytes after it belong to the connection. */
  readonly length: number;
  /**
   * The address of the client. Undefined if the connection is the proxy's own, such as a health
   * check. Null if the proxy does not know the client's address. In both cases the connection's own
   * address counts.
   */
  readonly client: string | undefined | null;
}

/** "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n": §2.1, worst case. */
const MAX_TEXT = 107;
/** Version 2 allows 65,551 bytes. Proxies send less than 1 KiB, mostly names in TLVs. */
const MAX_BINARY = 4096;

const TEXT_START = Buffer.from('PROXY ');
const BINARY_START = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Signature, version and command, family and protocol, length of the rest. */
const BINARY_HEAD = BINARY_START.length + 4;

/**
 * Reads a header of the PROXY protocol, version 1 or 2: §2 of HAProxy's `doc/proxy-protocol.txt`.
 *
 * @param bytes - All bytes that have come so far.
 * @returns `more` while the header is not whole, `bad` once it cannot become one.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  if (startsAlike(bytes, BINARY_START)) {
    return bytes.length < BINARY_HEAD ? 'more' : readBinary(bytes);
  }
  if (!startsAlike(bytes, TEXT_START)) return 'bad';
  const end = bytes.subarray(0, MAX_TEXT).indexOf('\r\n');
  if (end < 0) return bytes.length < MAX_TEXT ? 'more' : 'bad';
  return readText(bytes.toString('latin1', 0, end));
}

/** Whether the bytes so far can be the beginning of `start`. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

const PORT = /^(?:0|[1-9]\d{0,4})$/;
const isPort = (text: string | undefined): boolean =>
  text !== undefined && PORT.test(text) && Number(text) <= 65_535;

/** §2.1. @param line - Without CR LF. */
function readText(line: string): ProxyHeader | 'bad' {
  const length = line.length + 2;
  const [, family, from = '', to = '', fromPort, toPort, ...more] = line.split(' ');
  if (family === 'UNKNOWN') return { length, client: null };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false;
  const isWhole =
    more.length === 0 &&
    isAddress(from) &&
    isAddress(to) &&
    // An address has no zone here.
    !`${from}${to}`.includes('%') &&
    isPort(fromPort) &&
    isPort(toPort);
  return isWhole ? { length, client: from } : 'bad';
}

const LOCAL = 0x20;
const PROXY = 0x21;
/** Bytes of one address, by its family: unspecified, IPv4, IPv6, unix. */
const ADDRESS_BYTES = [0, 4, 16, 108] as const;
const PORT_BYTES = [0, 2, 2, 0] as const;
/** Unspecified, stream and datagram. */
const TRANSPORTS = 3;

/** §2.2. */
function readBinary(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  const command = bytes[BINARY_START.length];
  const kind = bytes[BINARY_START.length + 1]!;
  const [family, transport] = [kind >> 4, kind & 0x0f];
  const length = BINARY_HEAD + bytes.readUInt16BE(BINARY_START.length + 2);
  if (command !== LOCAL && command !== PROXY) return 'bad';
  if (length > MAX_BINARY) return 'bad';
  // For the proxy's own connections, the family and all the rest are ignored.
  if (command === PROXY && (family >= ADDRESS_BYTES.length || transport >= TRANSPORTS))
    return 'bad';
  if (bytes.length < length) return 'more';
  if (command === LOCAL) return { length, client: undefined };
  if (family === 0 || transport === 0) return { length, client: null };
  const addressBytes = ADDRESS_BYTES[family as 1 | 2 | 3];
  const rest = BINARY_HEAD + 2 * (addressBytes + PORT_BYTES[family as 1 | 2 | 3]);
  if (rest > length || !isSound(bytes.subarray(0, length), rest)) return 'bad';
  if (addressBytes > 16) return { length, client: null };
  const client = bytes.subarray(BINARY_HEAD, BINARY_HEAD + addressBytes);
  return { length, client: addressOfBytes(client) };
}

const CRC32C = 0x03;

/**
 * Checks the type-length-value vectors after the addresses. The last one must end with the header.
 * The checksum (§2.2.3), if there is one, must be right. Other types are skipped.
 */
function isSound(header: Buffer, from: number): boolean {
  for (let at = from; at < header.length; ) {
    if (at + 3 > header.length) return false;
    const type = header[at];
    const value = at + 3;
    const end = value + header.readUInt16BE(at + 1);
    if (end > header.length) return false;
    if (type === CRC32C && (end - value !== 4 || !hasChecksum(header, value))) return false;
    at = end;
  }
  return true;
}

function hasChecksum(header: Buffer, at: number): boolean {
  const zeroed = Buffer.from(header);
  zeroed.writeUInt32BE(0, at);
  return crc32c(zeroed) === header.readUInt32BE(at);
}

/** The Castagnoli polynomial with its bits reversed: RFC 9260 Appendix A. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
  return rest;
});

/**
 * The CRC32c of bytes, as a number: RFC 9260 Appendix A. SCTP writes its lowest byte first. In a
 * PROXY protocol header the highest byte comes first, as HAProxy writes it.
 */
export function crc32c(bytes: Uint8Array): number {
  let rest = 0xffff_ffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 0xff]! ^ (rest >>> 8);
  return (rest ^ 0xffff_ffff) >>> 0;
}
