import type { Verdict, VerdictCode } from '../index.js';
import { shownJid } from '../text/safe.js';

/** The meaning of each verdict, for people. */
export const MEANING: Readonly<Record<VerdictCode, string>> = {
  accepted: 'the token is good, and is used up now',
  malformed: 'the token or the JID does not have the right form',
  'unknown-host': 'no keys for the host of this JID',
  'wrong-otp': 'expired, too early, or made with another seed',
  'bad-signature': 'altered, for another JID, or made with another secret',
  replayed: 'accepted before',
  stale: 'too old to tell whether it was used',
  'guard-unavailable': 'no room to remember another token of this step',
};

/** A verdict as one line of JSON, without the line's end. It holds no part of the token. */
export function verdictJson(verdict: Verdict, jid: string, line?: number): string {
  // Built by hand: for a million lines, JSON.stringify of an object took most of the time.
  const where = `${line === undefined ? '' : `"line":${line},`}"jid":${JSON.stringify(shownJid(jid))}`;
  if (!verdict.ok) return `{${where},"ok":false,"code":"${verdict.code}"}`;
  const { step, drift, keyIndex } = verdict;
  return `{${where},"ok":true,"code":"accepted","step":${step},"drift":${drift},"keyIndex":${keyIndex}}`;
}

/** "this step", "1 step ago", "2 steps ahead". */
export function driftText(drift: number): string {
  if (drift === 0) return 'this step';
  const steps = Math.abs(drift);
  return `${steps} step${steps === 1 ? '' : 's'} ${drift < 0 ? 'ago' : 'ahead'}`;
}

/** 12,345 */
export const grouped = (count: number): string => count.toLocaleString('en-US');
