import type { EndedList, EndedSessions, Revocation } from './ended.js';
import type { Claims, SessionJwt } from './jwt.js';
import type { KeyIds } from './key-ids.js';

/** How long sessions last, and their cookie. */
export interface SessionSettings {
  /** How long a session lasts without being used, in seconds. Default 900. */
  readonly seconds: number;
  /**
   * How long after the login a session can last at most, in seconds. A session in a cookie is
   * renewed while it is used, up to then. Default: as `seconds`, so no session is renewed.
   */
  readonly maxSeconds?: number | undefined;
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

/**
 * A session may have been begun, and renewed, under other settings: as long as the command allows,
 * 30 days.
 */
export const LONGEST_SECONDS = 2_592_000;

/** A session that has not ended. */
export interface Session {
  /** The account, in its one spelling. */
  readonly jid: string;
  /** Differs from session to session. */
  readonly id: string;
  /** When it was begun or last renewed: seconds since 1970. */
  readonly began: number;
  /** When it ends by itself: seconds since 1970. */
  readonly expires: number;
  /** When the token was shown: seconds since 1970. */
  readonly loggedIn: number;
  /** No renewal lasts beyond this: seconds since 1970. */
  readonly renewTill: number;
  /** The name of the key that its token was good under. */
  readonly key: string;
}

/**
 * Sessions: who has one, until when, and whether it is still on. A session is bound to the key that
 * its token was good under, by the key's name.
 *
 * A session is looked up without a promise, unless the store of ended sessions answers with one.
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
      /** Seconds that any session can have been given so far. Default: those of the settings. */
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
   * `Set-Cookie` with a session of the same id that lasts longer, once half of this one's time is
   * over. Undefined where nothing is to be renewed: that is known without reading the clock unless
   * the settings renew sessions.
   *
   * Many requests may be under way with one session. Each of them renews it, which costs a
   * signature; a logout or the loss of the key ends all renewals with the session.
   *
   * @param session - As `find` gave it in this tick.
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
   * The session of a text, or null if it is no session or has ended. A promise only if the store of
   * ended sessions answers with one; it fails if the store's does.
   */
  find(text: string): Session | null | Promise<Session | null> {
    const claims = this.#jwt.read(text);
    if (claims === null || !this.#isOn(claims)) return null;
    const answer = this.#ended.hasEnded(claims.id, claims.loggedIn, this.#nowSeconds(), claims.jid);
    if (answer === false) return claims;
    return answer === true ? null : this.#whenAnswered(claims, answer);
  }

  /** The first good session of these texts, or null. A promise where `find` gives one. */
  findFirst(texts: readonly string[], from = 0): Session | null | Promise<Session | null> {
    for (let i = from; i < texts.length; i++) {
      const session = this.find(texts[i]!);
      if (session instanceof Promise)
        return session.then((found) => found ?? this.findFirst(texts, i + 1));
      if (session !== null) return session;
    }
    return null;
  }

  /** Ends a session and all of its renewals, of which another browser tab may hold a later one. */
  async end({ id, renewTill }: Session): Promise<void> {
    await this.#ended.end(id, renewTill, this.#nowSeconds());
  }

  /**
   * Ends all sessions of an account that have begun by now, in this second too. The account can log
   * in again with a token.
   *
   * @param jid - In its one spelling.
   * @returns Undefined if the store of ended sessions cannot do that.
   */
  async revoke(jid: string): Promise<Revocation | undefined> {
    if (this.#ended.revoke === undefined) return undefined;
    const upTo = this.#nowSeconds();
    const revocation = { jid, upTo, until: upTo + this.#longestSeconds };
    await this.#ended.revoke(revocation, upTo);
    return revocation;
  }

  /** What is remembered of ended sessions; undefined if the store cannot tell. */
  async listEnded(): Promise<EndedList | undefined> {
    return this.#ended.list?.(this.#nowSeconds());
  }

  async #whenAnswered(claims: Claims, answer: Promise<boolean>): Promise<Session | null> {
    // Fails closed: an answer that is neither yes nor no ends the session. A store may take its
    // time, so a session that lost its key or ran out meanwhile has ended.
    return (await answer) === false && this.#isOn(claims) ? claims : null;
  }

  /** Whether a session has its key, and time left. */
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
   * `Set-Cookie` for a session, or without one for its end. RFC 6265 §4.1.
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
