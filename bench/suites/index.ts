import { batchSizes } from './batch-sizes.js';
import { coldStart } from './cold-start.js';
import { guardSizes } from './guard-sizes.js';
import { hashKernel } from './hash-kernel.js';
import { heap } from './heap.js';
import { hmacAlone } from './hmac-alone.js';
import { rejection } from './rejection.js';
import type { Suite } from './suite.js';
import { threads } from './threads.js';
import { totpAlone } from './totp-alone.js';
import { verification } from './verification.js';

/** All parts, in the order of the report. */
export const SUITES: readonly Suite[] = [
  verification,
  hashKernel,
  rejection,
  hmacAlone,
  totpAlone,
  batchSizes,
  guardSizes,
  threads,
  coldStart,
  heap,
];
