/** Headers of the PROXY protocol: HAProxy's doc/proxy-protocol.txt. */
import { describe, expect, it } from 'vitest';
import { crc32c, readProxyHeader } from '../../../../src/server/proxy-protocol/header.js';

const REST = 'GET / HTTP/1.1\r\n';
const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const u16 = (value: number) => [value >> 8, value & 0xff];
/** A header of version 2, written by hand from §2.2. */
const binary = (command: number, kind: number, rest: readonly number[], length = rest.length) =>
  Buffer.from([...SIGNATURE, command, kind, ...u16(length), ...rest]);
const V4 = [192, 0, 2, 1, 198, 51, 100, 2, ...u16(56324), ...u16(443)];
const V6 = [
  ...[0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 1],
  ...[...Array(15).fill(0), 1],
  ...[...u16(56324), ...u16(443)],
];
const UNIX = Array(216).fill(0x2f);
const tlv = (type: number, value: readonly number[]) => [type, ...u16(value.length), ...value];

/** The worst cases of §2.1. */
const LONGEST = {
  TCP4: 'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n',
  TCP6: `PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
  UNKNOWN: `PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
};

describe('a header of version 1', () => {
  it.each([
    ['PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n', '192.168.0.1'],
    ['PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n', '0.0.0.0'],
    ['PROXY TCP6 2001:db8::1 ::1 1 2\r\n', '2001:db8::1'],
    ['PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::ffff:192.0.2.1 1 2\r\n', '2001:DB8:0:0:0:0:0:1'],
    ['PROXY UNKNOWN\r\n', null],
    ['PROXY UNKNOWN whatever stands here\r\n', null],
    [LONGEST.TCP4, '255.255.255.255'],
    [LONGEST.TCP6, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    [LONGEST.UNKNOWN, null],
  ])('names the client: %j', (line, client) => {
    expect([LONGEST.TCP4.length, LONGEST.TCP6.length, LONGEST.UNKNOWN.length]).toEqual([
      56, 104, 107,
    ]);
    expect(read(line + REST)).toEqual({ length: line.length, client });
    for (let cut = 0; cut < line.length; cut++) expect(read(line.slice(0, cut))).toBe('more');
  });

  it.each([
    'PROXY TCP4 192.168.0.1 192.168.0.11 56324\r\n',
    'PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 1\r\n',
    'PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 \r\n',
    'PROXY  TCP4 192.168.0.1 192.168.0.11 56324 443\r\n',
    'PROXY TCP4  192.168.0.1 192.168.0.11 56324 443\r\n',
    'PROXY\tTCP4 192.168.0.1 192.168.0.11 56324 443\r\n',
    'PROXY TCP4 192.168.0.01 192.168.0.11 56324 443\r\n',
    'PROXY TCP4 192.168.0.256 192.168.0.11 56324 443\r\n',
    'PROXY TCP4 192.168.1 192.168.0.11 56324 443\r\n',
    'PROXY TCP4 ::1 ::1 56324 443\r\n',
    'PROXY TCP6 192.168.0.1 192.168.0.11 56324 443\r\n',
    'PROXY TCP6 fe80::1%lo ::1 56324 443\r\n',
    'PROXY TCP6 [::1] ::1 56324 443\r\n',
    'PROXY TCP4 192.168.0.1 192.168.0.11 65536 443\r\n',
    'PROXY TCP4 192.168.0.1 192.168.0.11 056324 443\r\n',
    'PROXY TCP4 192.168.0.1 192.168.0.11 -1 443\r\n',
    'PROXY TCP4 192.168.0.1 192.168.0.11 1e3 443\r\n',
    'PROXY TCP4 localhost 192.168.0.11 56324 443\r\n',
    'PROXY UDP4 192.168.0.1 192.168.0.11 56324 443\r\n',
    'PROXY tcp4 192.168.0.1 192.168.0.11 56324 443\r\n',
    'PROXY \r\n',
    'PROXY TCP4 192.168.0.1\n192.168.0.11 56324 443\r\n',
    'proxy TCP4 192.168.0.1 192.168.0.11 56324 443\r\n',
    'GET / HTTP/1.1\r\n',
    '\0',
  ])('is bad: %j', (line) => {
    expect(read(line + REST)).toBe('bad');
  });

  it('is bad without CR LF within 107 bytes, and without CR or LF there', () => {
    const line = LONGEST.UNKNOWN.slice(0, -2);
    expect(read(`${line}x`)).toBe('more');
    for (const end of ['xx', 'x\r\n', '\n', '\r', '\n\n', '\r\r'])
      expect(read(`${line}${end}${REST}`), JSON.stringify(end)).toBe('bad');
  });
});

describe('a header of version 2', () => {
  it.each<[string, Buffer, string | undefined | null]>([
    ['TCP over IPv4', binary(0x21, 0x11, V4), '192.0.2.1'],
    ['UDP over IPv4', binary(0x21, 0x12, V4), '192.0.2.1'],
    ['TCP over IPv6', binary(0x21, 0x21, V6), '2001:db8::1'],
    ['a unix socket', binary(0x21, 0x31, UNIX), null],
    ['an unspecified family', binary(0x21, 0x00, []), null],
    ['an unspecified family with bytes', binary(0x21, 0x00, [1, 2, 3]), null],
    ['an unspecified transport', binary(0x21, 0x10, V4), null],
    ['LOCAL', binary(0x20, 0x00, []), undefined],
    ['LOCAL with addresses', binary(0x20, 0x11, V4), undefined],
    ['LOCAL with a family that there is not', binary(0x20, 0xff, [9]), undefined],
    ['vectors', binary(0x21, 0x11, [...V4, ...tlv(1, [104, 50]), ...tlv(4, [])]), '192.0.2.1'],
    ['vectors of unknown types', binary(0x21, 0x21, [...V6, ...tlv(0xee, [1])]), '2001:db8::1'],
    ['4096 bytes', binary(0x21, 0x11, [...V4, ...tlv(4, Array(4065).fill(0))]), '192.0.2.1'],
  ])('names the client, or nobody: %s', (_what, bytes, client) => {
    const all = Buffer.concat([bytes, Buffer.from(REST)]);
    expect(readProxyHeader(all)).toEqual({ length: bytes.length, client });
    for (let cut = 0; cut < Math.min(bytes.length, 300); cut++)
      expect(readProxyHeader(bytes.subarray(0, cut)), `${cut} bytes`).toBe('more');
    expect(readProxyHeader(bytes.subarray(0, -1))).toBe('more');
  });

  it.each<[string, Buffer]>([
    ['version 1 in binary', binary(0x11, 0x11, V4)],
    ['version 3', binary(0x31, 0x11, V4)],
    ['another command', binary(0x22, 0x11, V4)],
    ['another family', binary(0x21, 0x41, V4)],
    ['another transport', binary(0x21, 0x13, V4)],
    ['addresses that are cut short', binary(0x21, 0x11, V4.slice(0, -1))],
    ['addresses of IPv4 for IPv6', binary(0x21, 0x21, V4)],
    ['no addresses', binary(0x21, 0x11, [])],
    ['a unix socket cut short', binary(0x21, 0x31, UNIX.slice(1))],
    ['more than 4096 bytes', binary(0x21, 0x11, V4, 4081)],
    ['65,551 bytes of LOCAL', binary(0x20, 0x00, [], 65_535)],
    ['a vector without a length', binary(0x21, 0x11, [...V4, 4, 0])],
    ['a vector that goes beyond the header', binary(0x21, 0x11, [...V4, 4, 0, 2, 1])],
    ['a checksum of three bytes', binary(0x21, 0x11, [...V4, ...tlv(3, [0, 0, 0])])],
    ['a wrong checksum', binary(0x21, 0x11, [...V4, ...tlv(3, [0, 0, 0, 0])])],
  ])('is bad: %s', (_what, bytes) => {
    expect(readProxyHeader(bytes)).toBe('bad');
  });

  it('is bad as soon as its signature is not the one', () => {
    for (let at = 0; at < SIGNATURE.length; at++) {
      const other = Buffer.from(SIGNATURE.subarray(0, at + 1));
      other[at] = other[at]! ^ 1;
      expect(readProxyHeader(other)).toBe('bad');
    }
  });

  it('is bad with any bit of it changed that its checksum covers', () => {
    const rest = [...V4, ...tlv(3, [0, 0, 0, 0]), ...tlv(1, [104, 50])];
    const good = binary(0x21, 0x11, rest);
    good.writeUInt32BE(crc32c(good), 16 + V4.length + 3);
    expect(readProxyHeader(good)).toEqual({ length: good.length, client: '192.0.2.1' });
    for (let at = 16; at < 16 + V4.length; at++) {
      const other = Buffer.from(good);
      other[at] = other[at]! ^ 0x10;
      expect(readProxyHeader(other), `byte ${at}`).toBe('bad');
    }
  });
});

describe('CRC32c', () => {
  // RFC 3720 §B.4: the bytes of the CRC in the order in which they are sent, lowest first.
  it.each([
    ['32 zeroes', Array(32).fill(0), 'aa36918a'],
    ['32 ones', Array(32).fill(0xff), '43aba862'],
    ['32 rising bytes', Array.from({ length: 32 }, (_, i) => i), '4e79dd46'],
    ['32 falling bytes', Array.from({ length: 32 }, (_, i) => 31 - i), '5cdb3f11'],
  ])('of %s is that of RFC 3720 §B.4', (_what, bytes, sent) => {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(crc32c(Uint8Array.from(bytes)));
    expect(number.toString('hex')).toBe(sent);
  });
});
