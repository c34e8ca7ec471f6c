import { prepareJid } from 'totp-token/xmpp';

/** A token and the name that is presented with it. */
export interface Attempt {
  readonly jid: string;
  readonly token: string;
  /** The name that this page signed; undefined for a token that a visitor brought. */
  readonly signedFor?: string;
  /** How it differs from what was issued or brought. */
  readonly change: 'none' | 'byte' | 'digit' | 'host';
  /** What was done, as a sentence. */
  readonly note: string;
  /** Index of the character of the token that was altered; -1 if none was. */
  readonly changedChar: number;
  /** The part of the name that was altered, from one index up to another. */
  readonly changedName: readonly [number, number];
  /** Who verifies it: this page, or the gateway that `npm start` runs. */
  readonly judge: 'page' | 'gateway';
}

const UNCHANGED = { change: 'none', changedChar: -1, changedName: [0, 0], judge: 'page' } as const;

/** A token as it was issued. */
export function issued(jid: string, token: string): Attempt {
  const signedFor = preparedName(jid);
  const note = `Issued a token for ${signedFor}.`;
  return { ...UNCHANGED, jid, token, signedFor, note };
}

/** A token that a visitor brought. */
export function pasted(jid: string, token: string, judge: Attempt['judge']): Attempt {
  return { ...UNCHANGED, jid, token, note: `Your token, presented as ${jid}.`, judge };
}

/**
 * The hole of the original: the nonce's last digit moves to the front of the name, and the message
 * that is signed stays the same.
 */
export function shiftDigit(attempt: Attempt): Attempt {
  const { jid, token } = attempt;
  const at = token.indexOf(' ');
  const digit = token.charAt(at - 1);
  return {
    ...attempt,
    change: 'digit',
    jid: digit + jid,
    token: token.slice(0, at - 1) + token.slice(at),
    note: `The nonce’s last digit, ${digit}, moved to the front of the name.`,
    changedName: [0, 1],
  };
}

/** The token with the name of the same user on a host that has no key here. */
export function otherHost(attempt: Attempt): Attempt {
  const user = attempt.jid.slice(0, attempt.jid.indexOf('@') + 1);
  const jid = `${user}another.example`;
  return {
    ...attempt,
    change: 'host',
    jid,
    note: 'The name is of another host now.',
    changedName: [user.length, jid.length],
  };
}

/** Another character of base64 in the middle of the signature. */
export function alterByte(attempt: Attempt): Attempt {
  const { token } = attempt;
  const at = token.indexOf(' ') + 20;
  const other = token.charAt(at) === 'A' ? 'B' : 'A';
  return {
    ...attempt,
    change: 'byte',
    token: token.slice(0, at) + other + token.slice(at + 1),
    note: `One character of the signature changed from ${token.charAt(at)} to ${other}.`,
    changedChar: at,
  };
}

/** What the page says of the name that is presented. */
export function aboutName({ jid, change, signedFor }: Attempt): string {
  const isOurs = signedFor !== undefined;
  if (change === 'digit')
    return `The marked digit came from the nonce.${isOurs ? ' The token was not issued for this name.' : ''}`;
  if (change === 'host')
    return isOurs
      ? 'The token was not issued for the marked host.'
      : 'The marked host is not the one that you gave.';
  const prepared = preparedName(jid);
  if (prepared !== jid) return `The verifier prepares it to “${prepared}” before it compares.`;
  return isOurs ? 'The name that the token was issued for.' : 'The name that you gave.';
}

/** The name as a verifier compares it. A name that cannot be prepared is none, and stays. */
export const preparedName = (jid: string): string => prepareJid(jid) ?? jid;

/** Finds a token in what a visitor pastes, and the name if a command or JSON holds it too. */
export function readPasted(text: string): { readonly jid?: string; readonly token: string } {
  const json = /"jid"\s*:\s*"([^"]+)"\s*,\s*"token"\s*:\s*"([^"]+)"/.exec(text);
  if (json !== null) return { jid: json[1] as string, token: json[2] as string };
  return { token: /\d{8,} [A-Za-z0-9+/=]+/.exec(text)?.[0] ?? text.trim() };
}
