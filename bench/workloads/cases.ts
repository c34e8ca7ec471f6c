import { forged } from './bad.js';
import type { World } from './world.js';

/** A token, and whether it must be accepted after the tokens before it. */
export interface Case {
  readonly what: string;
  readonly jid: string;
  readonly token: string;
  readonly isGood: boolean;
}

const JIDS = [
  'a@b.c',
  'bob@example.com',
  'alice@example.com',
  `${'long.'.repeat(9)}er@example.com`,
];
const REPLAY_COUNT = 3;

/**
 * The cases that every candidate must answer correctly before it is timed. Each kind has several,
 * with different bytes.
 */
export function casesOf(world: World): Case[] {
  const jids = JIDS.filter((jid) => Object.hasOwn(world.hosts, jid.slice(jid.indexOf('@') + 1)));
  return jids.flatMap((jid) => casesFor(world, jid));
}

function casesFor(world: World, jid: string): Case[] {
  const good = [-1, 0, 1].flatMap((drift) =>
    Array.from({ length: 5 }, () => ({
      what: `valid, step ${drift}`,
      jid,
      token: world.issue(jid, drift),
    })),
  );
  const token = world.issue(jid);
  const bad = [
    ...[-2, 2, 1000].map((drift) => ({
      what: `step ${drift}`,
      jid,
      token: world.issue(jid, drift),
    })),
    { what: 'forged signature', jid, token: forged(token) },
    ...[41, 60, 83].map((at) => ({
      what: `signature altered at ${at}`,
      jid,
      token: altered(token, at),
    })),
    { what: 'nonce altered', jid, token: altered(token, 20, '0123456789') },
    { what: 'OTP altered', jid, token: altered(token, 3, '0123456789') },
    { what: 'letter in the nonce', jid, token: `${token.slice(0, 20)}x${token.slice(21)}` },
    { what: 'letter in the OTP', jid, token: `x${token.slice(1)}` },
    { what: 'no space', jid, token: token.replace(' ', '0') },
    { what: 'cut short', jid, token: token.slice(0, -1) },
    { what: 'one character more', jid, token: `${token}=` },
    { what: 'empty', jid, token: '' },
    { what: "another's jid", jid: `x${jid}`, token },
    { what: 'unknown host', jid: `${jid}.example`, token },
    { what: 'base64 that is not canonical', jid, token: uncanonical(token) },
  ];
  return [
    ...good.map((each) => ({ ...each, isGood: true })),
    ...bad.map((each) => ({ ...each, isGood: false })),
    ...good
      .slice(0, REPLAY_COUNT)
      .map((each) => ({ ...each, what: `replayed, ${each.what}`, isGood: false })),
    { what: 'the token that bad ones were made of', jid, token, isGood: true },
  ];
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function altered(token: string, at: number, alphabet = BASE64): string {
  const other = alphabet[(alphabet.indexOf(token[at]!) + 4) % alphabet.length];
  return token.slice(0, at) + other + token.slice(at + 1);
}

/**
 * The last character before `=` has two bits that are not decoded, so another character gives the
 * same bytes.
 */
function uncanonical(token: string): string {
  return `${token.slice(0, 83)}${BASE64[BASE64.indexOf(token[83]!) + 1]}=`;
}
