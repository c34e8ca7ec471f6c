// The token, written down a second time with node:crypto alone, from the description of the
// original: otp nonce SP base64(HMAC-SHA-256(token_secret, otp nonce jid)).
import { createHmac, randomInt } from 'node:crypto';

interface Keys {
  readonly otpSeed: string;
  readonly tokenSecret: string;
}

interface Parameters {
  readonly digits?: number;
  readonly period?: number;
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
}

/** RFC 4226 §5.3 over RFC 6238 §4.2. */
export function referenceTotp(
  otpSeed: string,
  timeMs: number,
  parameters: Parameters = {},
): string {
  const { digits = 8, period = 30, algorithm = 'sha1' } = parameters;
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(timeMs / 1000 / period)));
  const mac = createHmac(algorithm, base32(otpSeed)).update(counter).digest();
  const offset = mac[mac.length - 1]! & 15;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return `${number % 10 ** digits}`.padStart(digits, '0');
}

export function referenceToken(
  keys: Keys,
  jid: string,
  timeMs: number,
  parameters: Parameters = {},
): string {
  const nonce = Array.from({ length: 32 }, () => randomInt(10)).join('');
  const digits = `${referenceTotp(keys.otpSeed, timeMs, parameters)}${nonce}`;
  return `${digits} ${sign(keys.tokenSecret, digits, jid)}`;
}

/** Whether a token is one of `jid` at this instant, by its very bytes. */
export function referenceAccepts(
  keys: Keys,
  jid: string,
  token: string,
  timeMs: number,
  parameters: Parameters = {},
): boolean {
  const digits = parameters.digits ?? 8;
  const [, text, signature] =
    new RegExp(`^(\\d{${digits + 32}}) ([A-Za-z0-9+/]{43}=)$`).exec(token) ?? [];
  if (text === undefined) return false;
  const otp = referenceTotp(keys.otpSeed, timeMs, parameters);
  return text.startsWith(otp) && signature === sign(keys.tokenSecret, text, jid);
}

function sign(tokenSecret: string, digits: string, jid: string): string {
  return createHmac('sha256', Buffer.from(tokenSecret, 'utf8'))
    .update(`${digits}${jid}`, 'utf8')
    .digest('base64');
}

/** RFC 4648 §6. */
function base32(text: string): Buffer {
  let bits = '';
  for (const char of text)
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
