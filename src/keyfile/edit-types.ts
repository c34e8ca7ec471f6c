import type { HostKeys } from '../index.js';
import type { KeyTimes } from './shape.js';

/** A key of a host as it is to stand in the file. */
export interface EditedKey extends KeyTimes {
  /** Which of the host's keys it is now; undefined for a new one, which has `keys`. */
  readonly from: number | undefined;
  readonly keys?: HostKeys | undefined;
}

/** The new list of one host's keys. An empty one takes the host out. */
export interface HostEdit {
  readonly host: string;
  readonly keys: readonly EditedKey[];
}

/** A changed text, and how many of its comments stood with a key that was taken out. */
export interface EditedText {
  readonly text: string;
  readonly lostComments: number;
}

export type KeyRecord = Readonly<Record<string, unknown>>;
type Hosts = Readonly<Record<string, KeyRecord | readonly KeyRecord[]>>;
export type KeyDocument = KeyRecord & { readonly hosts: Hosts };
