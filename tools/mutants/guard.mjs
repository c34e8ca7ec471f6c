// Mutants of the core's replay guard.
/** @typedef {import('./mutant.mjs').Mutant} Mutant */

const REPLAY = ['test/unit/token/replay.test.ts'];
const LEVELS = ['test/unit/assembly/guard-levels.test.ts'];
const OVERFLOW = ['test/unit/assembly/guard-overflow.test.ts'];
const POOL = ['test/unit/pool/pool.test.ts'];

/** @type {readonly Mutant[]} */
export const GUARD = [
  {
    name: 'steps before the start are not stale',
    file: 'assembly/replay.ts',
    find: 'if (step < floor || !advance(',
    replace: 'if (!advance(',
    tests: REPLAY,
  },
  {
    name: 'a step too early is stale at the start',
    file: 'assembly/generations.ts',
    find: 'floor = firstStep;',
    replace: 'floor = firstStep + 1;',
    tests: REPLAY,
  },
  {
    name: 'a generation is dropped too early: the ring is one step short',
    file: 'assembly/generations.ts',
    find: 'count = generations;',
    replace: 'count = generations > 1 ? generations - 1 : 1;',
    tests: REPLAY,
  },
  {
    name: 'a generation is dropped too late: its entries stay for the next step',
    file: 'assembly/replay.ts',
    find: 'const used = (stamp & STEP_BITS) == mark << 4 ? <u32>stamp & 7 : 0;',
    replace: 'const used = <u32>stamp & 7;',
    tests: [...OVERFLOW, ...LEVELS],
  },
  {
    name: 'the count of a generation is not set back',
    file: 'assembly/generations.ts',
    find: '      store<u32>(head, 0, ENTRIES);\n',
    replace: '',
    tests: REPLAY,
  },
  {
    name: 'an older step moves its generation back',
    file: 'assembly/generations.ts',
    find: '    if (mark > current) {\n      store<u64>(head, mark);',
    replace: '    if (mark != current) {\n      store<u64>(head, mark);',
    tests: REPLAY,
  },
  {
    name: 'room for one token less than the capacity',
    file: 'assembly/generations.ts',
    find: 'if (used > capacity) return false;',
    replace: 'if (used >= capacity) return false;',
    tests: REPLAY,
  },
  {
    name: 'room for one token more than the capacity',
    file: 'assembly/generations.ts',
    find: 'if (used > capacity) return false;',
    replace: 'if (used > capacity + 1) return false;',
    tests: REPLAY,
  },
  {
    name: 'an eighth entry in a bucket of seven',
    file: 'assembly/replay.ts',
    find: 'if (used < SLOTS)',
    replace: 'if (used <= SLOTS)',
    tests: OVERFLOW,
  },
  {
    name: 'the entry added last is not looked at',
    file: 'assembly/replay.ts',
    find: '& ((1 << used) - 1))',
    replace: '& (((1 << used) - 1) >> 1))',
    tests: REPLAY,
  },
  {
    name: 'the seventh entry of a bucket is not looked at',
    file: 'assembly/replay.ts',
    find: '    | (i64x2.bitmask(i64x2.eq(v128.load(at, 48), wanted)) << 6);',
    replace: '    | ((i64x2.bitmask(i64x2.eq(v128.load(at, 48), wanted)) & 1) << 6);',
    tests: OVERFLOW,
  },
  {
    name: 'the last bucket does not pass on to the first',
    file: 'assembly/replay.ts',
    find: '    if (at == end) at = firstBucket(generation, level);\n',
    replace: '',
    tests: OVERFLOW,
  },
  {
    name: 'the level before the one in use is not searched',
    file: 'assembly/replay.ts',
    find: 'older < level; older++',
    replace: 'older + 1 < level; older++',
    tests: LEVELS,
  },
  {
    name: 'asking without remembering: steps that were dropped are fresh',
    file: 'assembly/replay.ts',
    find: 'if (step < floor || mark < current) return STALE;',
    replace: 'if (mark < current) return FRESH;',
    tests: ['test/unit/guards/guarded-verifier.test.ts'],
  },
  {
    name: 'threads: a lock is not opened after a replay',
    file: 'assembly/replay.ts',
    find: '      leave(at, stamp);\n      return REPLAYED;',
    replace: '      return REPLAYED;',
    tests: POOL,
    build: 'core-shared',
  },
  {
    name: 'threads: a lock is not opened when the guard is full',
    file: 'assembly/replay.ts',
    find: '        leave(at, stamp);\n        return UNAVAILABLE;',
    replace: '        return UNAVAILABLE;',
    tests: POOL,
    build: 'core-shared',
  },
  {
    name: 'threads: no room is ever claimed',
    file: 'assembly/generations.ts',
    find: 'if (!left) return false;',
    replace: 'if (!left) left = 1;',
    tests: POOL,
    build: 'core-shared',
  },
  {
    name: 'threads: the lock of a thread that lives is opened after another',
    file: 'assembly/locks.ts',
    find: '(stamp & (LOCKED | HOLDER)) != (LOCKED | (<u64>thread << HOLDER_SHIFT))',
    replace: '!(stamp & LOCKED)',
    tests: ['test/unit/assembly/shared-guard.test.ts'],
    build: 'core-shared',
  },
  {
    name: 'threads: a bucket of a later step is taken by a late thread',
    file: 'assembly/replay.ts',
    find: '(stamp & STEP_BITS) > mark << 4',
    replace: 'false',
    tests: ['test/unit/assembly/shared-guard.test.ts'],
    build: 'core-shared',
  },
];
