/** The parts of packages without declarations that this bench uses. */
declare module 'sha256-wasm' {
  interface Hmac {
    update(bytes: Uint8Array): Hmac;
    digest(into: Uint8Array): Uint8Array;
  }
  const Sha256: { HMAC(key: Uint8Array): Hmac };
  export default Sha256;
}
