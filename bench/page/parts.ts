/** What a token consists of, and what the page says about each part. */
export interface Part {
  readonly kind: 'otp' | 'nonce' | 'space' | 'signature';
  readonly text: string;
  readonly title: string;
  readonly about: string;
}

const OTP_DIGITS = 8;

/** Takes a token apart at its space. */
export function partsOf(token: string, jid: string): Part[] {
  const at = token.indexOf(' ');
  return [
    {
      kind: 'otp',
      text: token.slice(0, OTP_DIGITS),
      title: 'OTP',
      about: 'The host’s TOTP of this half minute, RFC 6238: it says when.',
    },
    {
      kind: 'nonce',
      text: token.slice(OTP_DIGITS, at),
      title: 'Nonce',
      about: `${at - OTP_DIGITS} random digits: no two tokens are alike.`,
    },
    { kind: 'space', text: '␣', title: 'Space', about: 'One, between digits and signature.' },
    {
      kind: 'signature',
      text: token.slice(at + 1),
      title: 'Signature',
      about: `base64 of HMAC-SHA-256 over OTP, nonce and “${jid}”: it says who.`,
    },
  ];
}

/** What a verdict means, for someone who has never seen one. */
export const MEANING: Readonly<Record<string, string>> = {
  accepted: 'It is genuine, in time, and has not been used. It is used now.',
  malformed:
    'It does not have the form of a token, or the name is not one: nothing needs to be computed.',
  'unknown-host': 'There is no key for the host of that name.',
  'wrong-otp':
    'Its OTP is not that of the step before, this one, or the next: it is too old or too early.',
  'bad-signature': 'In time, but not signed for this OTP, nonce and name: something was changed.',
  replayed: 'It was accepted before. A token opens the door once.',
  stale: 'The clock went back behind what is remembered, so nobody can say that it is unused.',
  'guard-unavailable': 'No room to remember another token, so none is accepted.',
};

/** What is changed about a token to see that it fails. */
export interface Attempt {
  readonly jid: string;
  readonly token: string;
  readonly note: string;
  /** Index of the character that was altered; -1 for none. */
  readonly changed: number;
}

/**
 * The original's hole: the nonce's last digit goes to the front of the name, and what is signed
 * stays the same.
 */
export function shiftDigit({ jid, token }: Attempt): Attempt {
  const at = token.indexOf(' ');
  return {
    jid: token.charAt(at - 1) + jid,
    token: token.slice(0, at - 1) + token.slice(at),
    note: `as ${token.charAt(at - 1)}${jid}, with the nonce’s last digit moved into the name`,
    changed: -1,
  };
}

/** The token with the name of the same user on a host that has no key here. */
export function otherHost({ jid, token }: Attempt): Attempt {
  const other = `${jid.slice(0, jid.indexOf('@'))}@another.example`;
  return { jid: other, token, note: `as ${other}`, changed: -1 };
}

/** Another character of base64 in the middle of the signature. */
export function alterByte({ jid, token }: Attempt): Attempt {
  const at = token.indexOf(' ') + 20;
  const other = token.charAt(at) === 'A' ? 'B' : 'A';
  return {
    jid,
    token: token.slice(0, at) + other + token.slice(at + 1),
    note: `one character of the signature altered, ${token.charAt(at)} to ${other}`,
    changed: at,
  };
}
