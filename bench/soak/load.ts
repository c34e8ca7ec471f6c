import { freshLibrary } from '../lib/library.js';
import { HOST, type SoakedGateway } from './gateway.js';

const { createIssuer } = await freshLibrary();
type Keys = SoakedGateway['keys'];
type Issuer = Awaited<ReturnType<typeof createIssuer>>;

const CONNECTIONS = 16;
/** How many accepted tokens are kept, to send them again at any age. */
const MOST_USED = 200_000;
const MOST_EXAMPLES = 20;

const KINDS = [
  'valid',
  'replayed',
  'forged',
  'altered',
  'malformed',
  'of another',
  'old key',
] as const;
type Kind = (typeof KINDS)[number];

/**
 * The right verdicts. A replayed token may have left the window, and one of two workers may have
 * forgotten its step. An altered signature may no longer be canonical base64.
 */
const RIGHT: Readonly<Record<Kind, readonly string[]>> = {
  valid: ['accepted'],
  replayed: ['replayed', 'wrong-otp', 'stale'],
  forged: ['bad-signature'],
  altered: ['bad-signature', 'malformed'],
  malformed: ['malformed'],
  'of another': ['bad-signature'],
  'old key': ['wrong-otp'],
};
/** Fails closed: the guard did not answer, so it is not known whether the token is unused. */
const CLOSED = 'guard-unavailable';

interface Question {
  readonly kind: Kind;
  readonly jid: string;
  readonly token: string;
}

/**
 * Asks a gateway a number of times a second, knows the right answers, and counts the wrong ones.
 */
export class Load {
  asked = 0;
  wrong = 0;
  /** How many tokens were refused because the guard did not answer, by the answers. */
  closed = 0;
  /** Valid ones among them. */
  failedClosed = 0;
  readonly wrongExamples: string[] = [];
  readonly byKind: Record<string, number> = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  readonly #gateway: SoakedGateway;
  readonly #perSecond: number;
  readonly #used: { jid: string; token: string }[] = [];
  readonly #latencies: number[] = [];
  #issuer: Promise<Issuer>;
  #oldIssuer: Promise<Issuer> | undefined;
  #isOldGone = false;
  #stranger: Promise<Issuer>;
  #number = 0;

  constructor(gateway: SoakedGateway, perSecond: number) {
    this.#gateway = gateway;
    this.#perSecond = perSecond;
    this.#issuer = createIssuer({ hosts: { [HOST]: gateway.keys } });
    this.#stranger = strangerOf(gateway.keys);
  }

  /** Issues tokens with these keys from now on. */
  useKeys(keys: Keys): void {
    this.#oldIssuer = this.#issuer;
    this.#issuer = createIssuer({ hosts: { [HOST]: keys } });
    this.#stranger = strangerOf(keys);
  }

  /** Expects tokens of the old keys to be refused from now on. */
  mayForgetOldKeys(): void {
    this.#isOldGone = true;
  }

  async run(durationMs: number): Promise<void> {
    const end = performance.now() + durationMs;
    const gapMs = (1000 * CONNECTIONS) / this.#perSecond;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, i) => {
        let due = performance.now() + (i * gapMs) / CONNECTIONS;
        while (due < end) {
          const waitMs = due - performance.now();
          if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
          await this.#ask(await this.#question());
          due += gapMs;
        }
      }),
    );
  }

  /** The times of the answers, in milliseconds. */
  latencies() {
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (share: number) =>
      Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), most: at(1 - 1e-9) };
  }

  async #question(): Promise<Question> {
    const jid = `user${++this.#number % 50_000}@${HOST}`;
    const issuer = await this.#issuer;
    const wrong = (kind: Kind, token: string, of = jid): Question => ({ kind, jid: of, token });
    const dice = Math.random();
    if (dice < 0.5) return { kind: 'valid', jid, token: issuer.issue(jid) };
    const used = this.#used[Math.floor(Math.random() * this.#used.length)];
    if (dice < 0.75 && used !== undefined) return wrong('replayed', used.token, used.jid);
    if (dice < 0.85) return wrong('forged', (await this.#stranger).issue(jid));
    if (dice < 0.9) return wrong('altered', altered(issuer.issue(jid)));
    if (dice < 0.94) return wrong('malformed', issuer.issue(jid).slice(0, Math.floor(dice * 85)));
    if (dice < 0.97) return wrong('of another', issuer.issue(`7${jid}`));
    const old = await this.#oldIssuer;
    if (old !== undefined && this.#isOldGone) return wrong('old key', old.issue(jid));
    return { kind: 'valid', jid, token: issuer.issue(jid) };
  }

  async #ask({ kind, jid, token }: Question): Promise<void> {
    const began = performance.now();
    const answer = await this.#answerTo(jid, token);
    this.#latencies.push(performance.now() - began);
    this.asked++;
    this.byKind[kind] = (this.byKind[kind] ?? 0) + 1;
    if (answer === CLOSED) {
      this.closed++;
      if (kind === 'valid') this.failedClosed++;
    } else if (!RIGHT[kind].includes(answer)) {
      this.wrong++;
      if (this.wrongExamples.length < MOST_EXAMPLES) this.wrongExamples.push(`${kind}: ${answer}`);
    } else if (kind === 'valid') this.#remember(jid, token);
  }

  /** The code of the verdict, or the failure. */
  async #answerTo(jid: string, token: string): Promise<string> {
    try {
      const response = await fetch(`${this.#gateway.url}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jid, token }),
      });
      const { code } = (await response.json()) as { code?: string };
      if (response.status === 200) return 'accepted';
      // 503: the guard cannot say whether the token is unused.
      return [401, 503].includes(response.status) && code !== undefined
        ? code
        : `status ${response.status}`;
    } catch (error) {
      return String(error);
    }
  }

  #remember(jid: string, token: string): void {
    if (this.#used.length < MOST_USED) this.#used.push({ jid, token });
    else this.#used[Math.floor(Math.random() * MOST_USED)] = { jid, token };
  }
}

/** Knows the seed but not the secret, so its OTPs are right. */
function strangerOf({ otpSeed }: Keys): Promise<Issuer> {
  return createIssuer({ hosts: { [HOST]: { otpSeed, tokenSecret: 'not-the-secret-'.repeat(3) } } });
}

/** Replaces one character of the signature. */
function altered(token: string): string {
  const at = 41 + Math.floor(Math.random() * 43);
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
