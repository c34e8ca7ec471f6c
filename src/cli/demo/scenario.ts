import {
  createIssuer,
  createTotp,
  generateKeys,
  type HostKeys,
  type TokenIssuer,
} from '../../index.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';

/** The time of the demonstration, ten seconds into a step. */
export const NOW_MS = Date.UTC(2026, 0, 31, 12, 0, 10);
export const PERIOD_MS = 30_000;

export const HOSTS = {
  plain: ['example.com', 'team.example.org'],
  rotating: 'chat.example.net',
} as const;
export const UNKNOWN_HOST = 'elsewhere.example';
export const JID_COUNT = 1000;

// biome-ignore format: a list of names
const NAMES = [
  'alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy',
  'mallory', 'niaj', 'olivia', 'peggy', 'rupert', 'sybil', 'trent', 'victor', 'walter', 'zoë',
];

/** The issuers, the names that they issue for, and the keys of the verifier. */
export interface Scenario {
  /** The verifier's keys for three hosts. One host has two pairs. */
  readonly hosts: Record<string, HostKeys | HostKeys[]>;
  /** Issues for all hosts. Uses the new keys of the rotating host. */
  readonly issuer: TokenIssuer;
  /** Issues for the rotating host only, with its old keys. */
  readonly oldIssuer: TokenIssuer;
  /** Issues for the same hosts and one more, with keys that the verifier does not know. */
  readonly stranger: TokenIssuer;
  /** Has the real seeds but not the secrets, like an eavesdropper who knows the codes. */
  readonly codeThief: TokenIssuer;
  /**
   * Every OTP that is valid at `NOW_MS`. A token that should be wrong must not be right by chance.
   */
  readonly goodOtps: ReadonlySet<string>;
  readonly plainJids: readonly string[];
  readonly rotatingJids: readonly string[];
}

export async function prepareScenario(): Promise<Scenario> {
  const [first, second] = HOSTS.plain;
  const { rotating } = HOSTS;
  const [next, current] = [generateKeys(), generateKeys()];
  const plain = { [first]: generateKeys(), [second]: generateKeys() };
  const all = [...Object.values(plain), next, current];
  const real = { ...plain, [rotating]: next };

  const others = Object.fromEntries(
    [...Object.keys(real), UNKNOWN_HOST].map((host) => [host, generateKeys()]),
  );
  const seedsOnly = Object.entries(real).map(([host, { otpSeed }]) => [
    host,
    { otpSeed, tokenSecret: generateKeys().tokenSecret },
  ]);
  const clock = () => NOW_MS;
  const [issuer, oldIssuer, stranger, codeThief] = await Promise.all([
    createIssuer({ hosts: real, clock, prepareJid }),
    createIssuer({ hosts: { [rotating]: current }, clock, prepareJid }),
    createIssuer({ hosts: others, clock, prepareJid }),
    createIssuer({
      hosts: Object.fromEntries(seedsOnly) as Record<string, HostKeys>,
      clock,
      prepareJid,
    }),
  ]);
  return {
    hosts: { ...plain, [rotating]: [next, current] },
    issuer,
    oldIssuer,
    stranger,
    codeThief,
    goodOtps: new Set(all.flatMap(otpsOfWindow)),
    plainJids: jids(0, 700, (i) => HOSTS.plain[i % 2]!),
    rotatingJids: jids(700, JID_COUNT, () => rotating),
  };
}

function otpsOfWindow({ otpSeed }: HostKeys): string[] {
  const generator = createTotp({ secret: otpSeed, digits: 8 });
  const codes = [-1, 0, 1].map((drift) => generator.generate(NOW_MS + drift * PERIOD_MS));
  generator.dispose();
  return codes;
}

function jids(from: number, to: number, hostOf: (index: number) => string): string[] {
  return Array.from({ length: to - from }, (_, i) => {
    const index = from + i;
    return `${NAMES[index % NAMES.length]}${Math.floor(index / NAMES.length) + 1}@${hostOf(Math.floor(index / NAMES.length))}`;
  });
}
