/** Under the condition `edge-light`: Vercel compiles what is imported so, in Next.js and in edge functions. */
import core from '../core.wasm?module';

export const CORE: WebAssembly.Module = core;
