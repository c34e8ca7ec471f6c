import { createHmac } from '../../mac/hmac.js';
import { encodeBase64url, textOfBase64url } from '../../text/base64.js';
import { asciiOf, bytesOf } from '../../text/utf8.js';

/** The claims of a session's JWT. Times are in seconds since 1970. */
export interface Claims {
  /** The account, in its prepared form. */
  readonly jid: string;
  /** Unique to the session. Renewals keep it. */
  readonly id: string;
  /** When this JWT was written. */
  readonly began: number;
  readonly expires: number;
  /**
   * When the user logged in with a token: OpenID Connect Core 1.0 §2. Renewals do not change it.
   */
  readonly loggedIn: number;
  /** The latest end of any renewal: the renew-till of RFC 4120 §5.3. */
  readonly renewTill: number;
  /** The name of the key that the session's token was signed with. */
  readonly key: string;
}

const ISSUER = 'totp-token';
const DOT = '.';
/** The only header. RFC 7515 §4.1, RFC 8725 §3.11. */
const START = encodeBase64url(bytesOf('{"alg":"HS256","typ":"totp-session+jwt"}')) + DOT;
/** The length of an HMAC-SHA-256 in base64url. */
const SIGNATURE_CHARS = 43;
/**
 * The longest text that is read. Even a jid of 3071 bytes that JSON must escape makes a shorter
 * one.
 */
const MAX_CHARS = 8192;
/**
 * How many characters of valid texts are remembered: at least this many, and at most twice as many.
 * Each takes one byte. A text has about 400 characters, so this is 20,000 sessions.
 */
const REMEMBERED_CHARS = 2 ** 23;

/**
 * Writes and reads sessions as JWTs (RFC 7519) signed with HS256 (RFC 7518 §3.2).
 *
 * Only the spelling that `write` makes is accepted: header and claims are compared byte for byte.
 * So a client cannot choose an algorithm, add a parameter (`crit`, `kid`, `b64`) or a claim, or
 * repeat a name.
 */
export class SessionJwt {
  readonly #mac;
  /** Recent texts whose signature is valid, and below the generation before. */
  #recent = new Map<string, Claims>();
  #older: ReadonlyMap<string, Claims> = new Map();
  /** Total characters of the texts in `#recent`. */
  #recentChars = 0;

  /** @param secret - The key that signs the sessions, 32 bytes or more. */
  constructor(secret: Uint8Array) {
    this.#mac = createHmac('SHA-256', secret);
  }

  write(claims: Claims): string {
    const signed = START + encodeBase64url(bytesOf(jsonOf(claims)));
    return `${signed}.${this.#signatureOf(signed)}`;
  }

  /**
   * Reads a text that `write` made with this secret. Null for any other text. Does not check
   * whether the session has ended.
   *
   * @returns The same object each time, as long as the text is remembered.
   */
  read(text: string): Claims | null {
    const known = this.#recent.get(text) ?? this.#older.get(text);
    if (known !== undefined) return known;
    const claims = this.#check(text);
    if (claims !== null) this.#remember(text, claims);
    return claims;
  }

  #check(text: string): Claims | null {
    if (text.length > MAX_CHARS || !text.startsWith(START)) return null;
    const end = text.length - SIGNATURE_CHARS - DOT.length;
    if (end < START.length || text[end] !== DOT) return null;
    const signature = this.#signatureOf(text.slice(0, end));
    return isSame(signature, text.slice(end + DOT.length))
      ? claimsOf(textOfBase64url(text.slice(START.length, end)))
      : null;
  }

  #signatureOf(signed: string): string {
    return encodeBase64url(this.#mac.digest(signed));
  }

  #remember(text: string, claims: Claims): void {
    if (this.#recentChars >= REMEMBERED_CHARS) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#recentChars = 0;
    }
    // Copies the text. It may be a slice of a long header, and would keep all of it in memory.
    this.#recent.set(asciiOf(bytesOf(text)), claims);
    this.#recentChars += text.length;
  }
}

/** Writes the claims set: RFC 7519 §4.1, the bounds of renewals and the name of the key. */
function jsonOf({ jid, id, began, expires, loggedIn, renewTill, key }: Claims): string {
  return JSON.stringify({
    iss: ISSUER,
    sub: jid,
    jti: id,
    iat: began,
    exp: expires,
    auth_time: loggedIn,
    renew_till: renewTill,
    key,
  });
}

/** Reads a claims set exactly as `jsonOf` writes it. Null for any other text. */
function claimsOf(json: string | null): Claims | null {
  if (json === null) return null;
  let set: unknown;
  try {
    set = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof set !== 'object' || set === null) return null;
  const {
    sub: jid,
    jti: id,
    iat: began,
    exp: expires,
    auth_time: loggedIn,
    renew_till: renewTill,
    key,
  } = set as Record<string, unknown>;
  const isFit =
    typeof jid === 'string' &&
    typeof id === 'string' &&
    typeof key === 'string' &&
    isTime(began) &&
    isTime(expires) &&
    isTime(loggedIn) &&
    isTime(renewTill) &&
    loggedIn <= began &&
    began < expires &&
    expires <= renewTill;
  if (!isFit) return null;
  const claims = { jid, id, began, expires, loggedIn, renewTill, key };
  return jsonOf(claims) === json ? claims : null;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether two texts are equal. The time does not depend on where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
