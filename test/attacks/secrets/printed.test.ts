/** The search through all that a run of the tests prints. */
import { expect, it } from 'vitest';
import { CANARY_KEYS, CANARY_NONCE } from './canaries.js';
import PrintedReporter from './printed-reporter.js';

function watched() {
  const passed: unknown[] = [];
  const output = { write: (chunk: unknown) => passed.push(chunk) > 0 };
  const reporter = new PrintedReporter();
  reporter.watch(output as never);
  return { passed, reporter, print: (chunk: string | Uint8Array) => output.write(chunk) };
}

it('printed output passes through the search, which finds nothing in text without secrets', () => {
  const { passed, reporter, print } = watched();
  print('12 tests ');
  print(Buffer.from('passed\n'));
  expect(passed).toEqual(['12 tests ', Buffer.from('passed\n')]);
  expect(reporter.found()).toEqual([]);
});

it('the search finds a key that is printed in two pieces, as bytes', () => {
  const { reporter, print } = watched();
  print(CANARY_KEYS.tokenSecret.slice(0, 9));
  print(Buffer.from(CANARY_KEYS.tokenSecret.slice(9, 20)));
  expect(reporter.found()).toEqual(['tokenSecret as utf8', 'tokenSecret as percent']);
});

it('the search finds a nonce of any token', () => {
  const { reporter, print } = watched();
  print(`got 12345678${BigInt(CANARY_NONCE) + 17n} instead`);
  expect(reporter.found()).toContain('nonce as utf8');
});
