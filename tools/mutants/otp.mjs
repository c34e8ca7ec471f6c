// Mutants of one-time passwords, of what `module` and `worker` may be, and of what objects print.
/** @typedef {import('./mutant.mjs').Mutant} Mutant */

const HOTP = ['test/unit/otp/verify-hotp.test.ts'];
const MIGRATION = ['test/unit/otp/otpauth-migration.test.ts'];
const PARSE = ['test/unit/otp/parse-otpauth.test.ts', 'test/unit/otp/otpauth.test.ts'];
const STEP = ['test/unit/otp/time-step.test.ts'];
const ABI = ['test/unit/wasm/abi.test.ts'];

/** @type {readonly Mutant[]} */
export const OTP = [
  {
    name: 'HOTP: the latest of several counters counts',
    file: 'src/otp/verify-hotp.ts',
    find: 'for (let start = values.length - sought.length; start >= 0; start--) {',
    replace: 'for (let start = 0; start <= values.length - sought.length; start++) {',
    tests: HOTP,
  },
  {
    name: 'HOTP: the look-ahead is one counter short',
    file: 'src/otp/verify-hotp.ts',
    find: '{ length: lookAhead + sought.length }',
    replace: '{ length: lookAhead + sought.length - 1 }',
    tests: HOTP,
  },
  {
    name: 'HOTP: the second code of a resync is not compared',
    file: 'src/otp/verify-hotp.ts',
    find: 'mask & equalMask(value, values[start + i] as number)',
    replace: '(i > 0 ? mask : equalMask(value, values[start + i] as number))',
    tests: HOTP,
  },
  {
    name: 'HOTP: a resync gives the counter of its second code again',
    file: 'src/otp/verify-hotp.ts',
    find: 'nextCounter: found + sought.length',
    replace: 'nextCounter: found + 1',
    tests: HOTP,
  },
  {
    name: 'HOTP: counters go beyond exact numbers',
    file: 'src/otp/verify-hotp.ts',
    find: 'Number.MAX_SAFE_INTEGER - reach',
    replace: 'Number.MAX_SAFE_INTEGER',
    tests: HOTP,
  },
  {
    name: 'a key URI may say two different values of a parameter',
    file: 'src/otp/parse-otpauth.ts',
    find: 'isStrict || earlier.text !== text',
    replace: 'isStrict',
    tests: PARSE,
  },
  {
    name: 'strict: prefix and issuer may differ',
    file: 'src/otp/parse-otpauth.ts',
    find: 'prefix !== undefined && issuer !== prefix',
    replace: 'false',
    tests: PARSE,
  },
  {
    name: 'an export: the last of several fields counts',
    file: 'src/otp/otpauth-migration.ts',
    find: 'if (second !== undefined) throw broken(place);',
    replace: 'if (second !== undefined) return second;',
    tests: MIGRATION,
  },
  {
    name: 'an export: a QR code may lie beyond their number',
    file: 'src/otp/otpauth-migration.ts',
    find: ' || batchIndex >= batchSize',
    replace: '',
    tests: MIGRATION,
  },
  {
    name: 'protobuf: a field may reach beyond its message',
    file: 'src/otp/protobuf.ts',
    find: ' || length > message.length - at',
    replace: '',
    tests: MIGRATION,
  },
  {
    name: 'protobuf: a varint may have more than 64 bits',
    file: 'src/otp/protobuf.ts',
    find: 'value <= MAX_UINT64 ? value : undefined',
    replace: 'value',
    tests: MIGRATION,
  },
  {
    name: 'a period may be in milliseconds',
    file: 'src/otp/options.ts',
    find: '(period as number) % 1000 === 0',
    replace: '(period as number) % 1e9 === 0',
    tests: [...STEP, ...PARSE],
  },
  {
    name: 'timeStep takes milliseconds',
    file: 'src/otp/time-step.ts',
    find: 'looksLikeSeconds(unixSeconds / 1000)',
    replace: 'false',
    tests: STEP,
  },
  {
    name: 'an instant may be in seconds',
    file: 'src/check.ts',
    find: 'timeMs >= 1e9 && timeMs < 1e10',
    replace: 'timeMs < 0',
    tests: ['test/unit/token/clock.test.ts', ...STEP],
  },
  {
    name: 'the core may have any ABI',
    file: 'src/wasm/instance.ts',
    find: 'if (found !== ABI) {',
    replace: 'if (found === 0) {',
    tests: ABI,
  },
  {
    name: 'an ABI that is no number counts',
    file: 'src/wasm/instance.ts',
    find: "typeof answer === 'number' ? answer : 0",
    replace: 'Number(answer)',
    tests: ABI,
  },
  {
    name: 'what a module throws at its start goes to the caller as it is',
    file: 'src/wasm/instance.ts',
    find: "!== 'RangeError') throw notCore({ cause });",
    replace: "!== 'RangeError') throw cause;",
    tests: ABI,
  },
  {
    name: 'what cannot be printed throws',
    file: 'src/text/shown.ts',
    find: 'return Object.prototype.toString.call(object);',
    replace: 'throw new TypeError();',
    tests: ['test/unit/token/shown.test.ts'],
  },
];
