// Mutants of the core's decisions: form of token and jid, OTP, keys, batch, memory.
/** @typedef {import('./mutant.mjs').Mutant} Mutant */

const WINDOW = ['test/unit/token/window.test.ts', 'test/unit/token/clock.test.ts'];
const FORM = [
  'test/unit/token/form.test.ts',
  'test/unit/token/any-input.test.ts',
  'test/unit/assembly/token-bytes.test.ts',
];
const HOSTS = ['test/unit/token/hosts.test.ts', 'test/unit/token/rotation.test.ts'];
const JIDS = [
  'test/unit/token/jid-bytes.test.ts',
  'test/unit/token/jid-lengths.test.ts',
  'test/unit/token/any-input.test.ts',
];
const REPLAY = ['test/unit/token/replay.test.ts'];
const WIPING = ['test/unit/assembly/wiping.test.ts'];

/** @type {readonly Mutant[]} */
export const CORE = [
  {
    name: 'OTP: the last step of the window is not compared',
    file: 'assembly/keyring.ts',
    find: '<usize>(past + future) + 1;',
    replace: '<usize>(past + future);',
    tests: WINDOW,
  },
  {
    name: 'OTP: the first step of the window is not compared',
    file: 'assembly/keyring.ts',
    find: 'for (let i: usize = 0; i < steps; i++)',
    replace: 'for (let i: usize = 1; i < steps; i++)',
    tests: WINDOW,
  },
  {
    name: 'OTP: an early exit at the first step that matches',
    file: 'assembly/keyring.ts',
    find: '    hits |= u32(wrong == 0) << <u32>i;',
    replace: '    if (wrong == 0) return 1 << <u32>i;',
    tests: [...REPLAY, 'test/unit/assembly/constant-time.test.ts'],
  },
  {
    name: 'OTP: an early exit at the first eight digits that are wrong',
    file: 'assembly/keyring.ts',
    find: '    const wrong = (load<u64>(code) ^ low) | (load<u64>(code, 8) ^ high);',
    replace:
      '    if (load<u64>(code) != low) continue;\n' +
      '    const wrong = (load<u64>(code) ^ low) | (load<u64>(code, 8) ^ high);',
    tests: ['test/unit/assembly/constant-time.test.ts', 'test/unit/assembly/branches.test.ts'],
  },
  {
    name: 'OTP: what comes after the eighth digit does not count',
    file: 'assembly/keyring.ts',
    find: 'load<u64>(otp, 8) & maskHigh',
    replace: 'load<u64>(otp, 8) & 0',
    tests: FORM,
  },
  {
    name: 'OTP: digits beyond the eighth are never looked at, on either side',
    file: 'assembly/keyring.ts',
    find: '(load<u64>(code) ^ low) | (load<u64>(code, 8) ^ high)',
    replace: '(load<u64>(code) ^ low) | (high & 0)',
    tests: FORM,
  },
  {
    name: 'window: one step later at its past end',
    file: 'assembly/keyring.ts',
    find: 'let s = step - past;',
    replace: 'let s = step - past + 1;',
    tests: WINDOW,
  },
  {
    name: 'window: one step short at its future end',
    file: 'assembly/keyring.ts',
    find: 's <= step + future',
    replace: 's < step + future',
    tests: WINDOW,
  },
  {
    name: 'window: codes are not made anew when the clock goes back',
    file: 'assembly/keyring.ts',
    find: 'CODES_STEP) != step)',
    replace: 'CODES_STEP) < step)',
    tests: WINDOW,
  },
  {
    name: 'window: a step before the first has a code',
    file: 'assembly/keyring.ts',
    find: 'if (s < 0) voidCode(out);',
    replace: 'if (s < -1) voidCode(out);',
    tests: WINDOW,
  },
  {
    name: 'hosts: the length of a domain does not count',
    file: 'assembly/keyring.ts',
    find: '  if (load<u32>(host, LENGTH) != length) return false;\n',
    replace: '',
    tests: HOSTS,
  },
  {
    name: 'hosts: the last bytes of a domain do not count',
    file: 'assembly/keyring.ts',
    find: 'return load<u64>(host + DOMAIN + i - 8) == tailOf(domain, length);',
    replace: 'return true;',
    tests: HOSTS,
  },
  {
    name: 'hosts: a key is put before those that are there',
    file: 'assembly/keyring.ts',
    find: '  while (load<u32>(link)) link = load<u32>(link);\n  store<u32>(link, <u32>key);',
    replace: '  store<u32>(key, load<u32>(link));\n  store<u32>(link, <u32>key);',
    tests: HOSTS,
  },
  {
    name: 'memory: a record that is freed is not wiped',
    file: 'assembly/memory.ts',
    find: '  memory.fill(at, 0, 64 << sizeClass(bytes));\n',
    replace: '',
    tests: WIPING,
  },
  {
    name: 'memory: the end of the heap is not wiped',
    file: 'assembly/memory.ts',
    find: 'memory.fill(region, 0, top - region);',
    replace: 'memory.fill(region, 0, HEAP);',
    tests: WIPING,
  },
  {
    name: 'memory: keys stay in the input',
    file: 'assembly/memory.ts',
    find: 'memory.fill(input(), 0, bytes);',
    replace: 'memory.fill(input(), 0, bytes >> 1);',
    tests: WIPING,
  },
  {
    name: 'form: the length of the nonce is not checked',
    file: 'assembly/token.ts',
    find: 'if (prefix - minPrefix > maxPrefix - minPrefix) return MALFORMED;',
    replace: 'if (<i32>prefix < digits) return MALFORMED;',
    tests: FORM,
  },
  {
    name: 'form: any byte may stand before the signature',
    file: 'assembly/token.ts',
    find: 'load<u8>(token + prefix) != 0x20 || ',
    replace: '',
    tests: FORM,
  },
  {
    name: 'form: the last digits of the nonce may be anything',
    file: 'assembly/token.ts',
    find: 'let other = notDigits(text + length - 16);',
    replace: 'let other = i32x4.splat(0);',
    tests: FORM,
  },
  {
    name: 'form: the character after 9 is a digit',
    file: 'assembly/token.ts',
    find: '[0x0909090909090909, 0x0909090909090909]',
    replace: '[0x0a0a0a0a0a0a0a0a, 0x0a0a0a0a0a0a0a0a]',
    tests: FORM,
  },
  {
    name: 'verdict: a signature that is not canonical is no fault of form',
    file: 'assembly/token.ts',
    find: 'return isCanonical(token + prefix + 1) ? verdict : MALFORMED;',
    replace: 'return verdict;',
    tests: FORM,
  },
  {
    name: 'verdict: a second @ in the domain is an unknown host',
    file: 'assembly/token.ts',
    find: 'if (byte == 0x40 || byte == 0x2f)',
    replace: 'if (byte == 0x2f)',
    tests: JIDS,
  },
  {
    name: 'verdict: a wrong signature counts as a wrong OTP',
    file: 'assembly/token.ts',
    find: '    verdict = BAD_SIGNATURE;\n',
    replace: '',
    tests: ['test/unit/token/order.test.ts'],
  },
  {
    name: 'guard: of two steps with one OTP only the later counts',
    file: 'assembly/token.ts',
    find: 'worst = max(worst, remember(now - past + ctz(rest), tag, pick));',
    replace: 'worst = remember(now - past + ctz(rest), tag, pick);',
    tests: REPLAY,
  },
  {
    name: 'guard: when it is full, it lets through',
    file: 'assembly/replay.ts',
    find: '        return UNAVAILABLE;',
    replace: '        return FRESH;',
    tests: REPLAY,
  },
  {
    name: 'guard: stale is let through',
    file: 'assembly/replay.ts',
    find: '!advance(headOf(generation), mark)) return STALE;',
    replace: '!advance(headOf(generation), mark)) return FRESH;',
    tests: REPLAY,
  },
  {
    name: 'jid: the last @ of sixteen bytes ends the localpart',
    file: 'assembly/jid.ts',
    find: 'const lane = ctz(marks);',
    replace: 'const lane = 31 - clz(marks);',
    tests: JIDS,
  },
  {
    name: 'jid: any character may stand in a localpart',
    file: 'assembly/jid.ts',
    find: '  if (some(local, FORBIDDEN)) return JID_BAD;\n',
    replace: '',
    tests: JIDS,
  },
  {
    name: 'jid: a localpart of 1023 bytes is too long',
    file: 'assembly/jid.ts',
    find: 'at > <i32>PART_BYTES',
    replace: 'at >= <i32>PART_BYTES',
    tests: JIDS,
  },
  {
    name: 'jid: an empty localpart is one',
    file: 'assembly/jid.ts',
    find: 'if (at < 1 ||',
    replace: 'if (at < 0 ||',
    tests: JIDS,
  },
  {
    name: 'batch: a line break inside a jid shifts those after it',
    file: 'assembly/batch.ts',
    find: '  if (countLf(jid, end) != tokens - 1) return false;\n',
    replace: '',
    tests: ['test/unit/token/batch.test.ts', 'test/unit/token/any-input.test.ts'],
  },
  {
    name: 'batch: a key that shares its seed with another is not tried',
    file: 'assembly/batch.ts',
    find: 'signAlone(index, nextKey(entry.key), keyIndexOf(waiting) + 1, BAD_SIGNATURE, PREFIX);',
    replace: 'setAnswer(index, BAD_SIGNATURE);',
    tests: HOSTS,
  },
  {
    name: 'batch: CR before LF is part of the token',
    file: 'assembly/batch.ts',
    find: '== 0x0d ? stop - 1 : stop',
    replace: '== 0x0d ? stop : stop',
    tests: ['test/unit/token/lines.test.ts'],
  },
];
