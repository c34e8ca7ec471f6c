import type { EditedKey } from '../keyfile/edit-types.js';
import { type RotationTimes, stageOf } from '../keyfile/rotation.js';
import { instantText, type Keyring, type KeyTimes } from '../keyfile/shape.js';
import { shownArgument, shownPath } from '../text/safe.js';

interface TableOptions {
  /** The only host to show. Undefined for all hosts. */
  readonly only: string | undefined;
  readonly json: boolean;
  readonly showSecrets: boolean;
}

/** The output of `keys list`: one line for each key, or JSON. */
export function keyTable(keyring: Keyring, { only, json, showSecrets }: TableOptions): string {
  const hosts = Object.entries(keyring.hosts).filter(
    ([host]) => only === undefined || host === only,
  );
  const shown = hosts.map(([host, keys]) => ({
    host,
    keys: [keys].flat().map(({ otpSeed, tokenSecret }, i) => ({
      number: i + 1,
      signs: i === 0,
      ...shownTimes(keyring.times?.[host]?.[i]),
      ...(showSecrets ? { otpSeed, tokenSecret } : {}),
    })),
  }));
  if (json) return `${JSON.stringify({ hosts: shown }, null, 2)}\n`;
  const rows = shown.flatMap(({ host, keys }) =>
    keys.map((key) => [
      shownPath(host),
      `${key.number}`,
      useOf(key),
      ...('otpSeed' in key ? [`${key.otpSeed}  ${key.tokenSecret}`] : []),
    ]),
  );
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function shownTimes({ issueAfter, retireAfter }: KeyTimes = {}) {
  return {
    ...(issueAfter === undefined ? {} : { issueAfter: instantText(issueAfter) }),
    ...(retireAfter === undefined ? {} : { retireAfter: instantText(retireAfter) }),
  };
}

type ShownKey = { readonly signs: boolean } & ReturnType<typeof shownTimes>;

function useOf({ signs, issueAfter, retireAfter }: ShownKey): string {
  if (signs) return 'signs';
  if (issueAfter !== undefined) return `accepted, may sign after ${issueAfter}`;
  return retireAfter === undefined ? 'accepted' : `replaced, retire after ${retireAfter}`;
}

const RELOAD = 'systemctl reload totp-token';

/** Ends what the other commands print: a program goes by the keys that it has read. */
export const READ_AGAIN = `Have every program that uses the file read it again: ${RELOAD}\n`;

/** The same, for keys that are taken out at once. */
export const STILL_ACCEPTED = `Its tokens are refused by a program once it has read the file again: ${RELOAD}\n`;

/** The output of `keys rotate`: the three steps of a rotation with their times. */
export function planText(
  self: string,
  path: string | undefined,
  host: string,
  keys: readonly EditedKey[],
  { nowMs, settleMs, lifetimeMs }: RotationTimes,
): string {
  const stage = stageOf(keys);
  const options = `${path === undefined ? '' : ` --keys ${shownArgument(path)}`} --host ${shownArgument(host)}`;
  const reload = 'Have every program that uses the file read it again, within';
  const within = `${reload} ${settleMs / 1000} seconds: ${RELOAD}`;
  const signAfter = stage.at === 'accepted' ? stage.afterMs : nowMs;
  const retireAfter = stage.at === 'signing' ? stage.afterMs : signAfter + settleMs + lifetimeMs;
  const isFirst = stage.at === 'accepted';
  return `host ${host}: ${isFirst ? `key ${keys.length} is new and is accepted; key 1 signs` : 'the new key signs, the old one is accepted'}
1. ${isFirst ? 'now' : 'done'}: the new key is accepted${isFirst ? `. ${within}` : ''}
2. ${isFirst ? `after ${instantText(signAfter)}: ${self} keys rotate${options}` : `now: the new key signs. ${within}`}
3. after ${instantText(retireAfter)}${isFirst ? ', if step 2 is not later' : ''}: ${self} keys retire${options}
`;
}
