import { chromium, firefox, webKit } from './browsers.js';
import { bun } from './bun.js';
import { deno } from './deno.js';
import { edgeRuntime } from './edge-runtime.js';
import { node } from './node.js';
import type { Runtime } from './runtime.js';
import { workerd } from './workerd.js';

/** All that the package is for. */
export const RUNTIMES: readonly Runtime[] = [
  ...[20, 22, 24, 26].map(node),
  bun,
  deno,
  workerd,
  edgeRuntime,
  chromium('page'),
  chromium('Web Worker'),
  chromium('service worker'),
  firefox('page'),
  webKit('page'),
];
