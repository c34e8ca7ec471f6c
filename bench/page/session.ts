import {
  createIssuer,
  createVerifier,
  generateKeys,
  type HostKeys,
  type TokenIssuer,
  type TokenVerifier,
} from 'totp-token';
import { prepareJid } from 'totp-token/xmpp';

export const PERIOD_S = 30;

/** Fresh keys for one host, a clock that can be moved, and both sides of the token. */
export class Session {
  readonly host: string;
  readonly keys: HostKeys;
  readonly issuer: TokenIssuer;
  readonly verifier: TokenVerifier;
  readonly #clock: { readonly offsetMs: number };

  private constructor(
    host: string,
    keys: HostKeys,
    issuer: TokenIssuer,
    verifier: TokenVerifier,
    clock: { readonly offsetMs: number },
  ) {
    this.host = host;
    this.keys = keys;
    this.issuer = issuer;
    this.verifier = verifier;
    this.#clock = clock;
  }

  /** Tokens are issued by the true time and verified by the moved one. */
  static async start(host: string, clock: { readonly offsetMs: number }): Promise<Session> {
    const keys = generateKeys();
    const hosts = { [host]: keys };
    const issuer = await createIssuer({ hosts, prepareJid });
    const verifier = await createVerifier({
      hosts,
      prepareJid,
      clock: () => Date.now() + clock.offsetMs,
      replay: { capacity: 10_000 },
    });
    return new Session(host, keys, issuer, verifier, clock);
  }

  /** Milliseconds by the verifier's clock. */
  get nowMs(): number {
    return Date.now() + this.#clock.offsetMs;
  }
}
