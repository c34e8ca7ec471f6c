/** The MAC of a message, its bytes valid until the next call. */
export type Mac = (message: Uint8Array) => Uint8Array;

/**
 * Whether the HMAC of a text is this one, given in base64: canonical, and compared in constant
 * time.
 */
export type SignatureCheck = (message: string, signature: string) => boolean;

/** The same by something that only answers later. */
export type LateSignatureCheck = (message: string, signature: string) => Promise<boolean>;

/** The two secrets of each domain. */
export type Secrets = Readonly<
  Record<string, { readonly otpSeed: string; readonly tokenSecret: string }>
>;

/**
 * Another way to an HMAC-SHA-256, with the key held as well as it can be. Each stands in a file of
 * its own.
 */
export interface Peer {
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  absence?(): string | undefined;
  /**
   * Bytes in and bytes out, for the table of HMAC alone, and for verification too where `check` is
   * absent.
   */
  hmac?(key: Uint8Array): Mac | Promise<Mac>;
  /** Text in, where that is quicker than by bytes. */
  check?(key: Uint8Array): SignatureCheck;
  /** The whole of a verification, where another way to the HMAC is not what it is about. */
  verification?(secrets: Secrets, clock: () => number): (jid: string, token: string) => number;
  /** For those that only answer later. */
  checkLater?(key: Uint8Array): Promise<LateSignatureCheck>;
  /** The same for the table of HMAC alone. */
  hmacLater?(key: Uint8Array): Promise<(message: Uint8Array) => Promise<Uint8Array>>;
}

export const BLOCK_BYTES = 64;

/** The two blocks that a key of up to 64 bytes becomes: RFC 2104 §2. */
export function keyBlocks(key: Uint8Array): { inner: Uint8Array; outer: Uint8Array } {
  const block = (pad: number) =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ pad);
  return { inner: block(0x36), outer: block(0x5c) };
}
