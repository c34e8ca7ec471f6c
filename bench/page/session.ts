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

/** Room to see a memory that is full after one token. */
const TINY_CAPACITY = 1;
const CAPACITY = 10_000;

/** Fresh keys for one host, a clock that can be moved, and both sides of the token. */
export class Session {
  readonly host: string;
  readonly keys: HostKeys;
  readonly issuer: TokenIssuer;
  /** Whether the verifier is one whose memory is full after one token a step. */
  isTiny = false;
  readonly #roomy: TokenVerifier;
  readonly #tiny: TokenVerifier;
  readonly #clock: { readonly offsetMs: number };

  private constructor(
    host: string,
    keys: HostKeys,
    issuer: TokenIssuer,
    [roomy, tiny]: readonly [TokenVerifier, TokenVerifier],
    clock: { readonly offsetMs: number },
  ) {
    this.host = host;
    this.keys = keys;
    this.issuer = issuer;
    this.#roomy = roomy;
    this.#tiny = tiny;
    this.#clock = clock;
  }

  /** Tokens are issued and verified by the moved clock. */
  static async start(host: string, clock: { readonly offsetMs: number }): Promise<Session> {
    const keys = generateKeys();
    const hosts = { [host]: keys };
    const both = { hosts, prepareJid, clock: () => Date.now() + clock.offsetMs };
    const verifierFor = (capacity: number) => createVerifier({ ...both, replay: { capacity } });
    const verifiers = [await verifierFor(CAPACITY), await verifierFor(TINY_CAPACITY)] as const;
    return new Session(host, keys, await createIssuer(both), verifiers, clock);
  }

  get verifier(): TokenVerifier {
    return this.isTiny ? this.#tiny : this.#roomy;
  }

  /** Milliseconds by the moved clock. */
  get nowMs(): number {
    return Date.now() + this.#clock.offsetMs;
  }
}
