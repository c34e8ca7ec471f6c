import type { HostKeys } from '../index.js';
import type { KeyTimes } from './shape.js';

/** A key of a host for the new file. */
export interface EditedKey extends KeyTimes {
  /** The present index of the key. Undefined for a new key, which has `keys`. */
  readonly from: number | undefined;
  readonly keys?: HostKeys | undefined;
}

/** The new list of one host's keys. An empty list removes the host. */
export interface HostEdit {
  readonly host: string;
  readonly keys: readonly EditedKey[];
}

/** A changed text, and how many lines with comments were removed with a key. */
export interface EditedText {
  readonly text: string;
  readonly lostComments: number;
}

export type KeyRecord = Readonly<Record<string, unknown>>;
type Hosts = Readonly<Record<string, KeyRecord | readonly KeyRecord[]>>;
export type KeyDocument = KeyRecord & { readonly hosts: Hosts };
