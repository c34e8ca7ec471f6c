/**
 * What stock Prosody answers to each token, and what a hardened verifier should:
 * test/vectors/prosody-tokens.json, taken from mod_auth_token on Prosody 0.12.3. `recommended` is
 * held to; where it is not, a list here says why.
 */
import { describe, expect, it } from 'vitest';
import { createVerifier, type TokenVerifier } from '../../../src/index.js';
import { prepareJid } from '../../../src/xmpp/prepare-jid.js';
import vectors from '../../vectors/prosody-tokens.json' with { type: 'json' };

interface Attempt {
  readonly now: number;
  readonly username?: string;
  readonly token?: string;
  readonly tokenBase64?: string;
  readonly stage: string;
  readonly recommended: string;
}
interface Case extends Attempt {
  readonly id: string;
  readonly description: string;
  readonly otpSeed: string;
  readonly tokenSecret?: string;
  readonly tokenSecretBase64?: string;
  readonly username: string;
  readonly host: string;
  readonly sequence?: readonly Attempt[];
}
const cases = vectors as readonly unknown[] as readonly Case[];

/**
 * Not base32, or a seed of fewer than 80 bits: no verifier is made with them. `recommended` in
 * brackets.
 */
const REFUSED_SEEDS: Readonly<Record<string, string>> = {
  'pub-106': 'not base32 (reject)',
  'pub-107': 'not base32 (reject)',
  'pub-108': 'not base32 (reject)',
  'pub-109': 'not base32 (reject)',
  'pub-121': 'not base32 (reject)',
  'pub-111': '16 bits (accept)',
  'pub-112': '32 bits (accept)',
  'pub-113': '40 bits (accept)',
  'pub-114': '48 bits (accept)',
  'pub-115': '64 bits (accept)',
  'pub-119': '8 bits (accept)',
  'pub-120': '40 bits (accept)',
};

/**
 * A secret of all 256 byte values is not UTF-8, and a secret is text here: there is no way to write
 * it.
 */
const NO_TEXT = ['pub-099'];

/**
 * Spaces, hyphens and a line's end come with a seed that people copy; the original throws at them.
 * Accepted here.
 */
const SPACED_SEEDS = ['pub-104', 'pub-105', 'pub-110'];

/**
 * Attempt 6 of this sequence presents a token that attempt 1 used up, yet `recommended` says
 * accept: replayed here.
 */
const REPLAY_OVERLOOKED: Readonly<Record<string, number>> = { 'pub-131': 6 };

const bytesOf = ({ token, tokenBase64 = '' }: Attempt): string | Uint8Array =>
  token ?? new Uint8Array(Buffer.from(tokenBase64, 'base64'));

/** The form of a token, as README draws it, as text of one byte a character. */
const FORM = /^\d{40} [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Our name for the check that refuses it. The original looks at the form last and in part; we look
 * at it first.
 */
function rejectionOf(attempt: Attempt, username: string, token: string | Uint8Array): string {
  const text = typeof token === 'string' ? token : Buffer.from(token).toString('latin1');
  if (!FORM.test(text) || /[\s/\0]/.test(username)) return 'malformed';
  if (attempt.stage === 'otp') return 'wrong-otp';
  if (attempt.stage === 'signature') return 'bad-signature';
  // The original's check of nonces, or its absence.
  return 'replayed';
}

function play(
  verifier: TokenVerifier,
  test: Case,
  attempt: Attempt,
  tell: (timeMs: number) => void,
): string {
  tell(attempt.now * 1000);
  return verifier.verify(`${attempt.username ?? test.username}@${test.host}`, bytesOf(attempt))
    .code;
}

async function verifierFor(
  test: Case,
): Promise<{ verifier: TokenVerifier; tell: (timeMs: number) => void }> {
  let timeMs = 0;
  const keys = { otpSeed: test.otpSeed, tokenSecret: test.tokenSecret as string };
  const verifier = await createVerifier({
    hosts: { [test.host]: keys },
    clock: () => timeMs,
    replay: { capacity: 100 },
    prepareJid,
  });
  return {
    verifier,
    tell: (time) => {
      timeMs = time;
    },
  };
}

describe('Prosody’s vectors', () => {
  it('are 147, of which 17 have a listed exception', () => {
    expect(cases).toHaveLength(147);
    const seeds = Object.keys(REFUSED_SEEDS);
    const listed = [...seeds, ...NO_TEXT, ...SPACED_SEEDS, ...Object.keys(REPLAY_OVERLOOKED)];
    expect(new Set(listed).size).toBe(17);
    expect(cases.filter(({ id }) => listed.includes(id))).toHaveLength(17);
  });

  it('recommend another verdict for twelve of those', () => {
    const recommended = (id: string) => cases.find((test) => test.id === id)?.recommended;
    const refused = Object.keys(REFUSED_SEEDS).filter((id) => recommended(id) === 'accept');
    expect(refused).toHaveLength(7);
    expect(NO_TEXT.map(recommended)).toEqual(['accept']);
    expect(SPACED_SEEDS.map(recommended)).toEqual(['reject', 'reject', 'reject']);
    for (const [id, attempt] of Object.entries(REPLAY_OVERLOOKED)) {
      const { sequence = [] } = cases.find((test) => test.id === id) as Case;
      expect(sequence[attempt]?.recommended).toBe('accept');
      expect(sequence[attempt]?.token).toBe(sequence[1]?.token);
    }
  });

  for (const test of cases) {
    const name = `${test.id}: ${test.description}`;

    if (test.id in REFUSED_SEEDS) {
      it(`give a configuration error for ${name}: ${REFUSED_SEEDS[test.id]}`, async () => {
        const field = `hosts[${JSON.stringify(test.host)}].otpSeed`;
        await expect(verifierFor(test)).rejects.toMatchObject({ code: 'ERR_OPTION', field });
        expect(REFUSED_SEEDS[test.id]).toContain(`(${test.recommended})`);
      });
    } else if (NO_TEXT.includes(test.id)) {
      it(`have no configuration and no text for ${name}`, async () => {
        const secret = Buffer.from(test.tokenSecretBase64 as string, 'base64');
        const field = `hosts[${JSON.stringify(test.host)}].tokenSecret`;
        for (const bytes of [secret, new Uint8Array(secret), secret.buffer, [...secret]]) {
          const asBytes = { ...test, tokenSecret: bytes as never };
          await expect(verifierFor(asBytes)).rejects.toMatchObject({ code: 'ERR_OPTION', field });
        }
        // The texts that one might write for it are other bytes in UTF-8, so other keys.
        for (const encoding of ['latin1', 'utf8', 'base64', 'hex'] as const) {
          const asText = { ...test, tokenSecret: secret.toString(encoding) };
          const { verifier, tell } = await verifierFor(asText);
          expect(play(verifier, asText, asText, tell), encoding).toBe('bad-signature');
        }
      });
    } else {
      it(name, async () => {
        const { verifier, tell } = await verifierFor(test);
        const accepts = test.recommended === 'accept' || SPACED_SEEDS.includes(test.id);
        for (const [i, attempt] of (test.sequence ?? [test]).entries()) {
          const username = attempt.username ?? test.username;
          const accept = test.sequence ? attempt.recommended === 'accept' : accepts;
          const expected =
            accept && REPLAY_OVERLOOKED[test.id] !== i
              ? 'accepted'
              : rejectionOf(attempt, username, bytesOf(attempt));
          expect(play(verifier, test, attempt, tell), `attempt ${i}`).toBe(expected);
        }
      });
    }
  }
});
