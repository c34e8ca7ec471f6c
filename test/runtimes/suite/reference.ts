/** Tokens by the runtime's own WebCrypto, sharing no code with the library. */
export interface Keys {
  readonly otpSeed: string;
  readonly tokenSecret: string;
}

export const JID = 'alice@example.com';
/** 2024-07-03T10:40:00Z. */
export const STEP = 57_333_600;
export const PERIOD_MS = 30_000;
export const KEYS: Keys = {
  otpSeed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  tokenSecret: 'JYXEX4IQOEYFYQ2S3MC5P4ZT4SDHYEA7',
};
export const OTHER_KEYS: Keys = {
  otpSeed: 'XVGR73KMZH2M4XMYKRUGKIDUN5VWK3RA',
  tokenSecret: 'a secret of another key',
};

const encoder = new TextEncoder();
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const importHmac = (hash: string, key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign', 'verify']);

async function sign(
  hash: string,
  key: Uint8Array<ArrayBuffer>,
  message: BufferSource,
): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await importHmac(hash, key), message));
}

/** RFC 4648 §6 without checks. */
function decodeBase32(text: string): Uint8Array<ArrayBuffer> {
  const bits = [...text]
    .map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** RFC 4226 §5.3 with the step as its counter, 8 digits. */
export async function otpOf(keys: Keys, step: number): Promise<string> {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = await sign('SHA-1', decodeBase32(keys.otpSeed), counter);
  const value = new DataView(mac.buffer).getUint32((mac.at(-1) as number) & 15) & 0x7fffffff;
  return String(value).padStart(8, '0').slice(-8);
}

interface TokenParts {
  readonly keys?: Keys;
  readonly jid?: string;
  readonly step?: number;
  /** Written with leading zeros. */
  readonly nonce?: number;
}

export async function tokenOf({
  keys = KEYS,
  jid = JID,
  step = STEP,
  nonce = 7,
}: TokenParts = {}): Promise<string> {
  const prefix = (await otpOf(keys, step)) + String(nonce).padStart(32, '0');
  const mac = await sign('SHA-256', encoder.encode(keys.tokenSecret), encoder.encode(prefix + jid));
  return `${prefix} ${btoa(String.fromCharCode(...mac))}`;
}

/** A text in which one character is another. */
export const withChar = (text: string, at: number, char: string): string =>
  text.slice(0, at) + char + text.slice(at + 1);

/** A token whose signature is another one in the right form. */
export const withWrongSignature = (token: string): string =>
  withChar(token, 41, token[41] === 'A' ? 'B' : 'A');
