/** Computes the MAC of a message. The bytes are valid until the next call. */
export type Mac = (message: Uint8Array) => Uint8Array;

/**
 * Checks the HMAC of a text against one in base64. It must be canonical, and is compared in
 * constant time.
 */
export type SignatureCheck = (message: string, signature: string) => boolean;

/** The same for a peer that answers asynchronously. */
export type LateSignatureCheck = (message: string, signature: string) => Promise<boolean>;

/** The two secrets of each domain. */
export type Secrets = Readonly<
  Record<string, { readonly otpSeed: string; readonly tokenSecret: string }>
>;

/**
 * Another way to compute an HMAC-SHA-256, with the key prepared as well as possible. Each peer has
 * its own file.
 */
export interface Peer {
  readonly name: string;
  /** Returns why the peer cannot run here, or undefined if it can. */
  absence?(): string | undefined;
  /**
   * Takes and returns bytes. Used in the table of HMAC alone, and for verification if `check` is
   * absent.
   */
  hmac?(key: Uint8Array): Mac | Promise<Mac>;
  /** Takes text, if that is quicker than bytes. */
  check?(key: Uint8Array): SignatureCheck;
  /** A whole verification, for a peer that is not about the HMAC. */
  verification?(secrets: Secrets, clock: () => number): (jid: string, token: string) => number;
  /** For peers that answer asynchronously. */
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
