import Table from 'cli-table3';
import type { Verdict } from '../../index.js';
import type { coloursFor } from '../context.js';
import { grouped } from '../verdict-text.js';
import { CATEGORIES, GOOD_COUNT } from './mix.js';
import { HOSTS } from './scenario.js';

type Colours = ReturnType<typeof coloursFor>;

/** The introduction: the idea, and one token with its parts named. */
export function introduction(colours: Colours, jid: string, token: string): string {
  const { bold, dim, cyan, green, yellow } = colours;
  const [digits, signature] = token.split(' ');
  const otp = digits!.slice(0, 8);
  const nonce = digits!.slice(8);
  return `
${bold('totp-token')}: logins without a password and without a call to a central server.

A service that knows its user issues a token; the chat server checks it by itself, with two
secrets that both share for the host. A token is good for ${bold('one')} login, of ${bold('one')} name, for about
a minute. This one is for ${bold(jid)}:

  ${cyan(otp)}${yellow(nonce)} ${green(signature!)}
  ${cyan(bracket('OTP', otp.length))}${yellow(bracket('nonce', nonce.length))} ${green(bracket('signature', signature!.length))}

  ${cyan('OTP')}        code of this half minute from the host's seed   ${dim('RFC 6238: HMAC-SHA-1, 8 digits')}
  ${yellow('nonce')}      32 random digits: no two tokens are alike       ${dim('remembered until the code expires')}
  ${green('signature')}  over OTP, nonce and name with the host's secret ${dim('HMAC-SHA-256')}

Three hosts have keys here: ${HOSTS.plain.join(', ')} and ${HOSTS.rotating}.
The last one is rotating its keys: tokens of both the new and the old pair are accepted.
`;
}

/** A bracket of `width` characters with the name of the token's part above it. */
function bracket(name: string, width: number): string {
  const room = width - name.length - 4;
  return `└${'─'.repeat(Math.floor(room / 2))} ${name} ${'─'.repeat(Math.ceil(room / 2))}┘`;
}

/** The results of the verification for each kind. */
export class Outcome {
  readonly #sent = CATEGORIES.map(() => 0);
  readonly #cameOut = CATEGORIES.map(() => new Map<string, number>());
  wrong = 0;

  add(category: number, verdict: Verdict): void {
    const { expected } = CATEGORIES[category]!;
    this.#sent[category]!++;
    const isRight =
      verdict.code === expected.code &&
      (!verdict.ok || expected.drift === undefined || verdict.drift === expected.drift) &&
      (!verdict.ok || expected.keyIndex === undefined || verdict.keyIndex === expected.keyIndex);
    if (!isRight) this.wrong++;
    const name = isRight
      ? verdict.code
      : verdict.ok
        ? `accepted, drift ${verdict.drift}, key ${verdict.keyIndex}`
        : verdict.code;
    const counts = this.#cameOut[category]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  table(colours: Colours): string {
    const { bold, dim } = colours;
    const table = new Table({
      head: ['token', 'sent', 'must be', 'came out', ''].map(bold),
      colAligns: ['left', 'right', 'left', 'left', 'left'],
      style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
      chars: FRAME,
    });
    CATEGORIES.forEach(({ title, expected }, category) => {
      if (category === 0) table.push([{ content: dim('good'), colSpan: 5 }]);
      if (category === GOOD_COUNT) table.push([{ content: dim('bad'), colSpan: 5 }]);
      table.push([
        `  ${title}`,
        grouped(this.#sent[category]!),
        expectation(expected),
        ...this.#result(category, colours),
      ]);
    });
    return table.toString();
  }

  #result(category: number, { green, red }: Colours): [string, string] {
    const counts = [...this.#cameOut[category]!];
    const { code } = CATEGORIES[category]!.expected;
    const isRight = counts.every(([name]) => name === code);
    const text = counts.map(([name, count]) => `${grouped(count)} ${name}`).join('; ');
    return isRight ? [text, green('✓')] : [red(text), red('✗')];
  }
}

function expectation({ code, drift, keyIndex }: (typeof CATEGORIES)[number]['expected']): string {
  if (keyIndex !== undefined) return `${code}, key ${keyIndex}`;
  return drift ? `${code}, drift ${drift > 0 ? '+' : '−'}${Math.abs(drift)}` : code;
}

/** Lines above and below, and none in between. */
const FRAME = {
  top: '─',
  'top-mid': '─',
  'top-left': '─',
  'top-right': '─',
  bottom: '─',
  'bottom-mid': '─',
  'bottom-left': '─',
  'bottom-right': '─',
  mid: '─',
  'mid-mid': '─',
  'left-mid': '─',
  'right-mid': '─',
  left: '',
  right: '',
  middle: '  ',
};
