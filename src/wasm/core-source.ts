/**
 * Where the core comes from: the bytes inside this package, as base64, to be compiled. `package.json` maps `#core` to
 * another of these files under a condition for runtimes that compile nothing.
 */
export { CORE_WASM_BASE64 as CORE } from './core-bytes.js';
