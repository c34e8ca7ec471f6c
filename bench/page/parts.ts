import { type Attempt, preparedName } from './attempts.js';

/** What a token consists of, and what the page says about each part. */
export interface Part {
  readonly kind: 'otp' | 'nonce' | 'space' | 'signature' | 'other';
  readonly text: string;
  readonly title: string;
  readonly about: string;
}

const OTP_DIGITS = 8;

/** Takes a token apart at its space. Text without one is shown whole. */
export function partsOf(attempt: Attempt): Part[] {
  const { token, signedFor } = attempt;
  const at = token.indexOf(' ');
  if (at < OTP_DIGITS) {
    const about = 'It has no space after its digits, so it does not have the form of a token.';
    return [{ kind: 'other', text: token, title: 'Text', about }];
  }
  const digits = at - OTP_DIGITS;
  return [
    {
      kind: 'otp',
      text: token.slice(0, OTP_DIGITS),
      title: 'OTP',
      about:
        signedFor === undefined
          ? 'The host’s TOTP code (RFC 6238) of the half minute in which it was issued, if it is genuine: it says when.'
          : 'The host’s TOTP code (RFC 6238) of the half minute in which it was issued: it says when.',
    },
    {
      kind: 'nonce',
      text: token.slice(OTP_DIGITS, at),
      title: 'Nonce',
      about: aboutNonce(attempt, digits),
    },
    { kind: 'space', text: '␣', title: 'Space', about: 'One, between digits and signature.' },
    {
      kind: 'signature',
      text: token.slice(at + 1),
      title: 'Signature',
      about: aboutSignature(attempt),
    },
  ];
}

function aboutNonce({ change, signedFor }: Attempt, digits: number): string {
  if (change === 'digit')
    return `${digits} digits: the last one stands at the front of the name now.`;
  if (signedFor === undefined) return `${digits} digits, which an issuer draws at random.`;
  return `${digits} random digits: no two tokens are alike.`;
}

/** The name in it is the one that was signed, whatever name is presented. */
function aboutSignature({ jid, signedFor, change }: Attempt): string {
  if (signedFor === undefined)
    return `To be accepted, it has to be base64 of the host’s HMAC-SHA-256 over OTP, nonce and “${preparedName(jid)}”.`;
  if (change === 'byte')
    return `base64 with one character that is not the issuer’s: it is no longer the HMAC-SHA-256 over OTP, nonce and “${signedFor}”.`;
  if (change === 'digit')
    return `base64 of the HMAC-SHA-256 that the issuer made over 40 digits and “${signedFor}”. Written without a gap, the digits and the name presented now are the same characters.`;
  return `base64 of the HMAC-SHA-256 that the issuer made over OTP, nonce and “${signedFor}”: it says who.`;
}

/** What a verdict means, for someone who has never seen one. */
export const MEANING: Readonly<Record<string, string>> = {
  accepted: 'It is genuine, in time, and was not used before. It is used now.',
  malformed:
    'It does not have the form of a token, or the name is not one: nothing needs to be computed.',
  'unknown-host': 'The verifier has no key for the host of that name.',
  'wrong-otp':
    'The host’s key does not give this OTP for the step before, this one or the next: the token is too old, too early or from another key.',
  'bad-signature':
    'Its OTP is in time, but the host’s key does not give this signature for OTP, nonce and name: something was changed, or another key signed it.',
  replayed: 'It was accepted before. A token opens the door once.',
  stale:
    'The clock went back behind what the verifier remembers, so it cannot know whether the token was used.',
  'guard-unavailable': 'There is no room to remember another token, so none is accepted.',
};
