import type { EndedList, EndedSessions, Revocation } from './ended.js';
import type { Claims, SessionJwt } from './jwt.js';
import type { KeyIds } from './key-ids.js';

/** The life of sessions, and their cookie. */
export interface SessionSettings {
  /** How long a session lasts if it is not renewed, in seconds. Default 900. */
  readonly seconds: number;
  /**
   * The most seconds that a session can last after the login. A session in a cookie is renewed up
   * to then while it is used. Default: `seconds`, so sessions are not renewed.
   */
  readonly maxSeconds?: number | undefined;
  /**
   * Name of the cookie. Default `__Host-totp-token`. With a domain, the prefix must be `__Secure-`.
   */
  readonly cookie: string;
  /** The cookie's `SameSite`. Default `Lax`. */
  readonly sameSite: 'Strict' | 'Lax' | 'None';
  /**
   * The domain whose hosts share the cookie. Default: only the host that set the cookie gets it.
   */
  readonly domain?: string | undefined;
}

export const DEFAULT_SESSIONS: SessionSettings = {
  seconds: 900,
  cookie: '__Host-totp-token',
  sameSite: 'Lax',
};

/**
 * The longest life of a session that the command allows, 30 days. A session may have begun, or been
 * renewed, under other settings.
 */
export const LONGEST_SECONDS = 2_592_000;

/** A session that has not ended. */
export interface Session {
  /** The account, in its prepared form. */
  readonly jid: string;
  /** Unique to the session. Renewals keep it. */
  readonly id: string;
  /** When the session began or was last renewed, in seconds since 1970. */
  readonly began: number;
  /** When the session ends by itself, in seconds since 1970. */
  readonly expires: number;
  /** When the user logged in with a token, in seconds since 1970. */
  readonly loggedIn: number;
  /** The latest end of any renewal, in seconds since 1970. */
  readonly renewTill: number;
  /** The name of the key with which the token was valid. */
  readonly key: string;
}

/**
 * Begins, finds, renews and ends sessions. Each session is bound, by name, to the key with which
 * its token was valid.
 *
 * A lookup returns a promise only if the store of ended sessions does.
 */
export class Sessions {
  readonly #jwt: SessionJwt;
  readonly #ended: EndedSessions;
  readonly #keyIds: () => KeyIds;
  readonly #clock: () => number;
  readonly #longestSeconds: number;
  readonly settings: SessionSettings;

  constructor(
    settings: SessionSettings,
    jwt: SessionJwt,
    memory: {
      readonly ended: EndedSessions;
      readonly keyIds: () => KeyIds;
      readonly clock: () => number;
      /**
       * The longest life, in seconds, that any session can have been given so far. Default:
       * `seconds` of the settings.
       */
      readonly longestSeconds?: number | undefined;
    },
  ) {
    this.#longestSeconds = Math.max(LONGEST_SECONDS, memory.longestSeconds ?? settings.seconds);
    this.settings = settings;
    this.#jwt = jwt;
    this.#ended = memory.ended;
    this.#keyIds = memory.keyIds;
    this.#clock = memory.clock;
  }

  /**
   * The names of all hosts' keys now. Read it before a token is verified, and pass it to `keyAt`.
   */
  get keyIds(): KeyIds {
    return this.#keyIds();
  }

  /**
   * Returns the name of the key that a verdict's `keyIndex` stands for.
   *
   * The index belongs to the list of keys at the time of the verdict. Keys may have been rotated
   * since the question, so the index must name the same key in both lists.
   *
   * @param before - `keyIds` as it was when the verifier got the token.
   * @returns Undefined if the index could stand for two keys, or if its key was removed.
   */
  keyAt(host: string, index: number, before: KeyIds): string | undefined {
    const was = before.get(host)?.[index];
    const is = this.#keyIds().get(host)?.[index];
    return was === undefined || was === is ? is : undefined;
  }

  /**
   * @param key - The result of `keyAt`.
   * @returns The session as text. Null if there is no such key, or if it was removed.
   */
  begin(jid: string, host: string, key: string | undefined): string | null {
    if (key === undefined || !this.#hasKey(host, key)) return null;
    const { seconds, maxSeconds = seconds } = this.settings;
    const began = this.#nowSeconds();
    const renewTill = began + Math.max(seconds, maxSeconds);
    const id = crypto.randomUUID();
    const expires = began + seconds;
    return this.#jwt.write({ jid, id, began, expires, loggedIn: began, renewTill, key });
  }

  /**
   * Renews a session once half of its time is over. Returns `Set-Cookie` with a session of the same
   * id that lasts longer, or undefined if there is nothing to renew. Reads the clock only if the
   * settings renew sessions.
   *
   * Many requests may be under way with one session. Each of them renews it, which costs a
   * signature. A logout, or the removal of the key, ends the session with all its renewals.
   *
   * @param session - The result of `find`, from the same tick.
   */
  renewal(session: Session): string | undefined {
    const { began, expires, loggedIn, renewTill } = session;
    const { seconds, maxSeconds = seconds } = this.settings;
    const end = Math.min(renewTill, loggedIn + maxSeconds);
    if (expires >= end) return undefined;
    const now = this.#nowSeconds();
    if (2 * (now - began) < expires - began) return undefined;
    const next = Math.min(now + seconds, end);
    if (next <= expires) return undefined;
    const { jid, id, key } = session;
    const claims = { jid, id, began: now, expires: next, loggedIn, renewTill, key };
    return this.cookie(this.#jwt.write(claims), next - now);
  }

  /**
   * Returns the session of a text, or null if the text is not a session or the session has ended.
   * Returns a promise only if the store of ended sessions does. It rejects if the store's promise
   * rejects.
   */
  find(text: string): Session | null | Promise<Session | null> {
    const claims = this.#jwt.read(text);
    if (claims === null || !this.#isOn(claims)) return null;
    const answer = this.#ended.hasEnded(claims.id, claims.loggedIn, this.#nowSeconds(), claims.jid);
    if (answer === false) return claims;
    return answer === true ? null : this.#whenAnswered(claims, answer);
  }

  /** Returns the first valid session of these texts, or null. Returns a promise if `find` does. */
  findFirst(texts: readonly string[], from = 0): Session | null | Promise<Session | null> {
    for (let i = from; i < texts.length; i++) {
      const session = this.find(texts[i]!);
      if (session instanceof Promise)
        return session.then((found) => found ?? this.findFirst(texts, i + 1));
      if (session !== null) return session;
    }
    return null;
  }

  /** Ends a session and all of its renewals. Another browser tab may hold a later renewal. */
  async end({ id, renewTill }: Session): Promise<void> {
    await this.#ended.end(id, renewTill, this.#nowSeconds());
  }

  /**
   * Ends all sessions that an account has begun so far, including those of this second. The account
   * can log in again with a token.
   *
   * @param jid - The account, in its prepared form.
   * @returns Undefined if the store of ended sessions cannot do that.
   */
  async revoke(jid: string): Promise<Revocation | undefined> {
    if (this.#ended.revoke === undefined) return undefined;
    const upTo = this.#nowSeconds();
    const revocation = { jid, upTo, until: upTo + this.#longestSeconds };
    await this.#ended.revoke(revocation, upTo);
    return revocation;
  }

  /** Lists the ended sessions. Undefined if the store cannot. */
  async listEnded(): Promise<EndedList | undefined> {
    return this.#ended.list?.(this.#nowSeconds());
  }

  async #whenAnswered(claims: Claims, answer: Promise<boolean>): Promise<Session | null> {
    // Fails closed: any answer other than false ends the session. A store may be slow, so the key
    // and the time are checked again.
    return (await answer) === false && this.#isOn(claims) ? claims : null;
  }

  /** Whether the session's key still exists, and the session has time left. */
  #isOn({ jid, expires, key }: Claims): boolean {
    return expires > this.#nowSeconds() && this.#hasKey(jid.slice(jid.indexOf('@') + 1), key);
  }

  #hasKey(host: string, key: string): boolean {
    return this.#keyIds().get(host)?.includes(key) === true;
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock() / 1000);
  }

  /**
   * Returns the `Set-Cookie` of a session. Without a text, it deletes the cookie. RFC 6265 §4.1.
   *
   * @param seconds - How long the session lasts. Default: as the settings say.
   */
  cookie(text: string | undefined, seconds = this.settings.seconds): string {
    const { cookie, sameSite, domain } = this.settings;
    const scope = domain === undefined ? '' : `; Domain=${domain}`;
    const age = text === undefined ? 0 : seconds;
    return `${cookie}=${text ?? ''}; Path=/; Max-Age=${age}; HttpOnly; Secure; SameSite=${sameSite}${scope}`;
  }
}
