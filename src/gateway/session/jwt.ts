import { createHmac } from '../../mac/hmac.js';
import { encodeBase64url, textOfBase64url } from '../../text/base64.js';
import { asciiOf, bytesOf } from '../../text/utf8.js';

/** What a session's JWT says. Times are in seconds since 1970. */
export interface Claims {
  /** The account, in its one spelling. */
  readonly jid: string;
  /** Differs from session to session. */
  readonly id: string;
  /** When this text of the session was written. */
  readonly began: number;
  readonly expires: number;
  /** When the token was shown: OpenID Connect Core 1.0 §2. No renewal changes it. */
  readonly loggedIn: number;
  /** No renewal lasts beyond this: the renew-till of RFC 4120 §5.3. */
  readonly renewTill: number;
  /** The name of the key that the session's token was signed with. */
  readonly key: string;
}

const ISSUER = 'totp-token';
const DOT = '.';
/** The one header there is. RFC 7515 §4.1, RFC 8725 §3.11. */
const START = encodeBase64url(bytesOf('{"alg":"HS256","typ":"totp-session+jwt"}')) + DOT;
/** Of HMAC-SHA-256, in base64url. */
const SIGNATURE_CHARS = 43;
/** A jid of 3071 bytes that JSON has to escape makes fewer. A longer text is not looked at. */
const MAX_CHARS = 8192;
/**
 * Characters of the texts that are remembered as good: of so many at least, of twice as many at
 * most, a byte each. A text has about 400, so that is 20,000 sessions.
 */
const REMEMBERED_CHARS = 2 ** 23;

/**
 * Sessions as texts: JWTs (RFC 7519) signed with HS256 (RFC 7518 §3.2).
 *
 * Only one spelling of a session is taken, the one that `write` makes: header and claims are
 * compared byte for byte. So there is no algorithm to choose, no parameter to understand (`crit`,
 * `kid`, `b64`), no claim to overlook and no name that stands twice.
 */
export class SessionJwt {
  readonly #mac;
  /** Texts whose signature is good: those of late, and those before them. */
  #recent = new Map<string, Claims>();
  #older: ReadonlyMap<string, Claims> = new Map();
  /** Of the texts in `#recent`. */
  #recentChars = 0;

  /** @param secret - Signs the sessions, 32 bytes or more. */
  constructor(secret: Uint8Array) {
    this.#mac = createHmac('SHA-256', secret);
  }

  write(claims: Claims): string {
    const signed = START + encodeBase64url(bytesOf(jsonOf(claims)));
    return `${signed}.${this.#signatureOf(signed)}`;
  }

  /**
   * The claims of a text that `write` made under this secret; null for any other text. Whether the
   * session has ended is not looked at.
   *
   * @returns One object for a text as long as it is remembered.
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
    // A copy: the text may be a part of a long header, which it would keep in memory.
    this.#recent.set(asciiOf(bytesOf(text)), claims);
    this.#recentChars += text.length;
  }
}

/** The claims set of a JWT: RFC 7519 §4.1, the bounds of renewals and the name of the key. */
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

/** The claims of a claims set as `jsonOf` writes it, or null. */
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

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
