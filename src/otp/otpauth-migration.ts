import { optionError } from '../errors.js';
import type { Algorithm } from '../mac/hmac.js';
import { bytesOfBase64 } from '../text/base64.js';
import { textOf } from '../text/utf8.js';
import { DEFAULT_PERIOD } from './options.js';
import { canonicalSecret, type OtpauthKey } from './otpauth.js';
import { exactCounter, namesOf } from './parse-otpauth.js';
import { type Field, fieldsOf } from './protobuf.js';
import { before, checkUriLength, isOfScheme, percentDecoded } from './uri-text.js';

/** The content of one QR code of an export. */
export interface OtpauthMigration {
  /** The keys in the order of the export. Duplicates are kept. */
  readonly keys: readonly OtpauthKey[];
  /** How many QR codes the export has. */
  readonly batchSize: number;
  /** The index of this QR code: 0 to `batchSize - 1`. */
  readonly batchIndex: number;
  /** All QR codes of one export have the same id. */
  readonly batchId: number;
}

const SCHEME = 'otpauth-migration';

/** The field numbers of the message that Google Authenticator exports. */
const PAYLOAD = { keys: 1, batchSize: 3, batchIndex: 4, batchId: 5 } as const;
const KEY = {
  secret: 1,
  account: 2,
  issuer: 3,
  algorithm: 4,
  digits: 5,
  type: 6,
  counter: 7,
} as const;

/** If a field is absent or 0, the app means SHA-1 and six digits. */
const ALGORITHMS: readonly (Algorithm | undefined)[] = ['SHA-1', 'SHA-1', 'SHA-256', 'SHA-512'];
const DIGITS: readonly (number | undefined)[] = [6, 6, 8];
const TYPES: readonly (OtpauthKey['type'] | undefined)[] = [undefined, 'hotp', 'totp'];

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Reads an `otpauth-migration://` URI, which Google Authenticator shows as a QR code for "Transfer
 * accounts". A long export has several QR codes, each with its own URI.
 *
 * The format has no period. It is always 30 seconds. Account and issuer are read as in
 * `parseOtpauthUri`. Unknown fields are skipped. A duplicate field of a key is refused, and so is a
 * key with MD5 or an unknown number of digits.
 *
 * @throws {VerifierError} `ERR_OPTION` with `uri`, `data`, `batchSize` or `batchIndex` in `field`,
 *   or the place in a key, such as `keys[2].secret`. The message holds no part of the URI. A URI
 *   may have at most 65,536 characters.
 *
 * @example
 * const { keys, batchSize } = parseOtpauthMigration(
 *   'otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC',
 * );
 * keys[0];
 * // { type: 'totp', account: 'alice@google.com', issuer: 'Example', secret: 'JBSWY3DPEHPK3PXP',
 * //   algorithm: 'SHA-1', digits: 6, period: 30 }
 */
export function parseOtpauthMigration(uri: string): OtpauthMigration {
  const payload = payloadOf(uri);
  try {
    const fields = messageOf(payload, 'data');
    const int32 = (name: Exclude<keyof typeof PAYLOAD, 'keys'>) =>
      Number(BigInt.asIntN(32, varintOf(fields, PAYLOAD[name], name)));
    const batchSize = int32('batchSize') || 1;
    const batchIndex = int32('batchIndex');
    if (batchSize < 0) throw broken('batchSize');
    if (batchIndex < 0 || batchIndex >= batchSize) throw broken('batchIndex');
    return {
      keys: fields
        .filter(({ number }) => number === PAYLOAD.keys)
        .map((field, i) => keyOf(bytesOf(field, `keys[${i}]`), `keys[${i}]`)),
      batchSize,
      batchIndex,
      batchId: int32('batchId'),
    };
  } finally {
    payload.fill(0);
  }
}

/** The bytes of the parameter `data`. The caller must wipe them. */
function payloadOf(uri: string): Uint8Array<ArrayBuffer> {
  checkUriLength(uri);
  const text = typeof uri === 'string' ? uri.trim() : uri;
  if (!isOfScheme(text, SCHEME)) {
    throw optionError('uri', 'not an export', `write ${SCHEME}://offline?data=...`);
  }
  const rest = before(text, '#');
  const query = rest.slice(before(rest, '?').length + 1);
  const data = query
    .split('&')
    .filter((part) => part.startsWith('data='))
    .map((part) => percentDecoded(part.slice('data='.length), 'data'));
  if (data.length !== 1 || data[0] === '') {
    throw broken('data');
  }
  // Base64 uses a plus, which a form decodes to a space. Some programs write base64url.
  const base64 = data[0]!.replaceAll(' ', '+').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = bytesOfBase64(base64);
  if (bytes === null) throw broken('data');
  return bytes;
}

function keyOf(message: Uint8Array, place: string): OtpauthKey {
  const fields = messageOf(message, place);
  const at = (name: keyof typeof KEY) => `${place}.${name}`;
  const choice = <T>(name: 'algorithm' | 'digits' | 'type', choices: readonly T[]) => {
    const chosen = choices[Number(varintOf(fields, KEY[name], at(name)))];
    if (chosen === undefined) throw optionError(at(name), 'not supported', 'leave the key out');
    return chosen as NonNullable<T>;
  };
  const type = choice('type', TYPES);
  const issuer = textField(fields, KEY.issuer, at('issuer'));
  const names = namesOf(textField(fields, KEY.account, at('account')), () => issuer, at);
  const secret = only(fields, KEY.secret, at('secret'));
  const base = {
    type,
    account: names.account,
    ...(names.issuer !== undefined && { issuer: names.issuer }),
    secret: canonicalSecret(
      secret === undefined ? new Uint8Array() : bytesOf(secret, at('secret')),
      at('secret'),
    ),
    algorithm: choice('algorithm', ALGORITHMS),
    digits: choice('digits', DIGITS),
  };
  if (type === 'totp') return { ...base, period: DEFAULT_PERIOD };
  const counter = varintOf(fields, KEY.counter, at('counter'));
  if (counter > MAX_INT64) throw broken(at('counter'));
  return { ...base, counter: exactCounter(counter, at('counter')) };
}

function messageOf(bytes: Uint8Array, place: string): Field[] {
  const fields = fieldsOf(bytes);
  if (fields === null) throw broken(place);
  return fields;
}

/** The only field with a number. Protobuf would take the last of several. */
function only(fields: readonly Field[], number: number, place: string): Field | undefined {
  const [field, second] = fields.filter((each) => each.number === number);
  if (second !== undefined) throw broken(place);
  return field;
}

/** Reads a number. Protobuf omits zeros. */
function varintOf(fields: readonly Field[], number: number, place: string): bigint {
  const field = only(fields, number, place);
  if (field === undefined) return 0n;
  if ('varint' in field) return field.varint;
  throw broken(place);
}

function bytesOf(field: Field, place: string): Uint8Array {
  if ('bytes' in field) return field.bytes;
  throw broken(place);
}

/** Reads a text. Protobuf omits empty texts. */
function textField(fields: readonly Field[], number: number, place: string): string {
  const field = only(fields, number, place);
  const text = field === undefined ? '' : textOf(bytesOf(field, place));
  if (text === null) throw broken(place);
  return text;
}

/** The one error for everything that no app exports. Details would not help the user. */
function broken(place: string): Error {
  return optionError(
    place,
    'not in the form that apps export',
    'export the keys again, and copy the whole URI',
  );
}
