/** Under the condition `workerd`: Cloudflare compiles what a worker imports, when it is deployed. */
import core from '../core.wasm';

export const CORE: WebAssembly.Module = core;
