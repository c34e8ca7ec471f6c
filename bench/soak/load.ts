import { freshLibrary } from '../lib/library.js';
import { HOST, type SoakedGateway } from './gateway.js';

const { createIssuer } = await freshLibrary();
type Keys = SoakedGateway['keys'];
type Issuer = Awaited<ReturnType<typeof createIssuer>>;

const CONNECTIONS = 16;
/** Accepted tokens to show again, of every age. */
const MOST_USED = 200_000;
const MOST_EXAMPLES = 20;

const KINDS = ['valid', 'replayed', 'forged', 'altered', 'malformed', 'of another', 'old key'] as const;
type Kind = (typeof KINDS)[number];

interface Question {
  readonly kind: Kind;
  readonly jid: string;
  readonly token: string;
  readonly isGood: boolean;
}

/** Asks a gateway so many times a second, knows what it must answer, and counts what it answers otherwise. */
export class Load {
  asked = 0;
  wrong = 0;
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
    const { otpSeed } = gateway.keys;
    // Knows the seed and not the secret: its OTPs are right.
    this.#stranger = createIssuer({
      hosts: { [HOST]: { otpSeed, tokenSecret: 'not-the-secret-'.repeat(3) } },
    });
  }

  /** Issues with these from now on. */
  useKeys(keys: Keys): void {
    this.#oldIssuer = this.#issuer;
    this.#issuer = createIssuer({ hosts: { [HOST]: keys } });
  }

  /** Tokens of the old keys are wrong from now on. */
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

  /** Of the answers, in milliseconds. */
  latencies() {
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), most: at(1 - 1e-9) };
  }

  async #question(): Promise<Question> {
    const jid = `user${++this.#number % 50_000}@${HOST}`;
    const issuer = await this.#issuer;
    const wrong = (kind: Kind, token: string, of = jid): Question => ({
      kind,
      jid: of,
      token,
      isGood: false,
    });
    const dice = Math.random();
    if (dice < 0.5) return { kind: 'valid', jid, token: issuer.issue(jid), isGood: true };
    const used = this.#used[Math.floor(Math.random() * this.#used.length)];
    if (dice < 0.75 && used !== undefined) return wrong('replayed', used.token, used.jid);
    if (dice < 0.85) return wrong('forged', (await this.#stranger).issue(jid));
    if (dice < 0.9) return wrong('altered', altered(issuer.issue(jid)));
    if (dice < 0.94) return wrong('malformed', issuer.issue(jid).slice(0, Math.floor(dice * 85)));
    if (dice < 0.97) return wrong('of another', issuer.issue(`7${jid}`));
    const old = await this.#oldIssuer;
    if (old !== undefined && this.#isOldGone) return wrong('old key', old.issue(jid));
    return { kind: 'valid', jid, token: issuer.issue(jid), isGood: true };
  }

  async #ask({ kind, jid, token, isGood }: Question): Promise<void> {
    const began = performance.now();
    let status: number | string;
    try {
      const response = await fetch(`${this.#gateway.url}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jid, token }),
      });
      await response.arrayBuffer();
      status = response.status;
    } catch (error) {
      status = String(error);
    }
    this.#latencies.push(performance.now() - began);
    this.asked++;
    this.byKind[kind] = (this.byKind[kind] ?? 0) + 1;
    if (status !== (isGood ? 200 : 401)) {
      this.wrong++;
      if (this.wrongExamples.length < MOST_EXAMPLES) this.wrongExamples.push(`${kind}: ${status}`);
    } else if (isGood) this.#remember(jid, token);
  }

  #remember(jid: string, token: string): void {
    if (this.#used.length < MOST_USED) this.#used.push({ jid, token });
    else this.#used[Math.floor(Math.random() * MOST_USED)] = { jid, token };
  }
}

/** One character of the signature, another one. */
function altered(token: string): string {
  const at = 41 + Math.floor(Math.random() * 43);
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
