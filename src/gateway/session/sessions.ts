import { jwtVerify, SignJWT } from 'jose';
import type { EndedSessions } from './ended.js';
import type { KeyIds } from './key-ids.js';

/** How long sessions last, and their cookie. */
export interface SessionSettings {
  /** How long a session lasts, in seconds. Default 900. */
  readonly seconds: number;
  /** Default `__Host-totp-token`. With a domain, the prefix must be `__Secure-`. */
  readonly cookie: string;
  /** Default `Lax`. */
  readonly sameSite: 'Strict' | 'Lax' | 'None';
  /** The domain whose hosts share the cookie. Default: none, the host that set it alone. */
  readonly domain?: string | undefined;
}

export const DEFAULT_SESSIONS: SessionSettings = {
  seconds: 900,
  cookie: '__Host-totp-token',
  sameSite: 'Lax',
};

export interface Session {
  readonly jid: string;
  readonly id: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

const ISSUER = 'totp-token';
const TYPE = 'totp-session+jwt';

/**
 * Sessions: JWTs (RFC 7519) signed with HS256. One holds the account, an id, when it began and
 * ends, and the name of the key that its token was good under.
 */
export class Sessions {
  readonly #secret: Uint8Array;
  readonly #ended: EndedSessions;
  readonly #keyIds: () => KeyIds;
  readonly #clock: () => number;
  readonly settings: SessionSettings;

  constructor(
    settings: SessionSettings,
    secret: Uint8Array,
    memory: {
      readonly ended: EndedSessions;
      readonly keyIds: () => KeyIds;
      readonly clock: () => number;
    },
  ) {
    this.settings = settings;
    this.#secret = secret;
    this.#ended = memory.ended;
    this.#keyIds = memory.keyIds;
    this.#clock = memory.clock;
  }

  /** The names of all hosts' keys now: to be taken before a token is verified, for `keyAt`. */
  get keyIds(): KeyIds {
    return this.#keyIds();
  }

  /**
   * The name of the key that a verdict's `keyIndex` stands for.
   *
   * The index counts in the keys of the moment at which the verdict was made. Keys may have been
   * rotated between the question and now, so the index must name one key alone in both lists.
   *
   * @param before - `keyIds` as it was when the token was handed to the verifier.
   * @returns Undefined if the index could stand for two keys, or its key has gone.
   */
  keyAt(host: string, index: number, before: KeyIds): string | undefined {
    const was = before.get(host)?.[index];
    const is = this.#keyIds().get(host)?.[index];
    return was === undefined || was === is ? is : undefined;
  }

  /** @param key - As `keyAt` gives it. Null: there is no such key, or it went away. */
  async begin(jid: string, host: string, key: string | undefined): Promise<string | null> {
    if (key === undefined || !this.#hasKey(host, key)) return null;
    const now = this.#nowSeconds();
    return new SignJWT({ key })
      .setProtectedHeader({ alg: 'HS256', typ: TYPE })
      .setIssuer(ISSUER)
      .setSubject(jid)
      .setJti(crypto.randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + this.settings.seconds)
      .sign(this.#secret);
  }

  /** The session of a JWT, or null if the JWT is invalid or the session has ended. */
  async find(text: string): Promise<Session | null> {
    const claims = await this.#claims(text);
    if (claims === null) return null;
    const { sub: jid, jti: id, exp: expires, iat, key } = claims;
    const host = jid.slice(jid.indexOf('@') + 1);
    if (!this.#hasKey(host, key)) return null;
    if (await this.#ended.hasEnded(id, iat, this.#nowSeconds())) return null;
    // A store may take its time. What went away or ran out meanwhile is gone.
    return this.#hasKey(host, key) && expires > this.#nowSeconds() ? { jid, id, expires } : null;
  }

  /** The first good session of these texts, or null. */
  async findFirst(texts: readonly string[]): Promise<Session | null> {
    for (const text of texts) {
      const session = await this.find(text);
      if (session !== null) return session;
    }
    return null;
  }

  async end({ id, expires }: Session): Promise<void> {
    await this.#ended.end(id, expires, this.#nowSeconds());
  }

  async #claims(text: string) {
    try {
      const { payload } = await jwtVerify<{
        sub: string;
        jti: string;
        iat: number;
        exp: number;
        key: string;
      }>(text, this.#secret, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        typ: TYPE,
        requiredClaims: ['sub', 'jti', 'iat', 'exp', 'key'],
        currentDate: new Date(this.#clock()),
      });
      // The library checks the types of the times alone.
      const texts = [payload.sub, payload.jti, payload.key];
      return texts.every((text) => typeof text === 'string') ? payload : null;
    } catch {
      return null;
    }
  }

  #hasKey(host: string, key: string): boolean {
    return this.#keyIds().get(host)?.includes(key) === true;
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock() / 1000);
  }

  /** `Set-Cookie` for a session, or without one for its end. RFC 6265 §4.1. */
  cookie(text: string | undefined): string {
    const { cookie, sameSite, domain, seconds } = this.settings;
    const scope = domain === undefined ? '' : `; Domain=${domain}`;
    const age = text === undefined ? 0 : seconds;
    return `${cookie}=${text ?? ''}; Path=/; Max-Age=${age}; HttpOnly; Secure; SameSite=${sameSite}${scope}`;
  }
}
