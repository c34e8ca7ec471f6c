import { expect, it } from 'vitest';
import { referenceTotp } from './cli-reference.js';

// RFC 6238 Appendix B; the seed is the ASCII text 12345678901234567890.
it.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [20000000000, '65353130'],
])('the reference prints the code of RFC 6238 Appendix B at %i s', (seconds, code) => {
  expect(referenceTotp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1000)).toBe(code);
});
