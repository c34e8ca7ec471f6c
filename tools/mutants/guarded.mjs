// Mutants of what decides with a guard that several verifiers share.
/** @typedef {import('./mutant.mjs').Mutant} Mutant */

const GUARDED_TESTS = [
  'test/unit/guards/guarded-verifier.test.ts',
  'test/unit/guards/guarded-steps.test.ts',
];
const CONFORMANCE = ['test/unit/guards/conformance.test.ts'];
const LMDB = ['test/unit/guards/lmdb/guard.test.ts'];
const LMDB_TIME = ['test/unit/guards/lmdb/time.test.ts'];
const CHANNEL = ['test/unit/server/cluster/guard/channel.test.ts'];
const LEADER_TABLE = ['test/unit/server/cluster/guard/table.test.ts'];
const MEMORY_LOSS = ['test/unit/guards/redis/memory-loss.test.ts'];

/** @type {readonly Mutant[]} */
export const GUARDED = [
  {
    name: 'of two steps with one OTP the better answer counts',
    file: 'src/token/guarded/asked.ts',
    find: 'Math.max(...verdicts)',
    replace: 'Math.min(...verdicts)',
    tests: GUARDED_TESTS,
  },
  {
    name: 'a token that stands twice in a batch is accepted twice',
    file: 'src/token/guarded/asked.ts',
    find: 'worst === VERDICT_OF.fresh && !isFirst ? REPLAYED : worst',
    replace: 'worst',
    tests: GUARDED_TESTS,
  },
  {
    name: 'replayed is remembered while another call waits',
    file: 'src/token/guarded/asked.ts',
    find: `verdict === REPLAYED &&
        !places.some((place) => isAskedElsewhere(this.#names[place] as string))`,
    replace: 'verdict === REPLAYED',
    tests: GUARDED_TESTS,
  },
  {
    name: 'its own memory does not count once the guard has answered',
    file: 'src/token/guarded/asked.ts',
    find: 'if (own[i] === REPLAYED)',
    replace: 'if (own[i] === -1)',
    tests: GUARDED_TESTS,
  },
  {
    name: 'marks end a step too early',
    file: 'src/token/guarded/asked.ts',
    find: '(markStep + window.past + 1)',
    replace: '(markStep + window.past)',
    tests: GUARDED_TESTS,
  },
  {
    name: 'the step of a mark is that of the clock',
    file: 'src/token/guarded/asked.ts',
    find: 'const markStep = step - window.past + i;',
    replace: 'const markStep = step;',
    tests: GUARDED_TESTS,
  },
  {
    name: 'a guard may answer more than it was asked',
    file: 'src/token/guarded/ask-guard.ts',
    find: 'given.length === count',
    replace: 'given.length >= count',
    tests: GUARDED_TESTS,
  },
  {
    name: 'a getter among a guard’s answers is read',
    file: 'src/token/guarded/ask-guard.ts',
    find: 'Object.getOwnPropertyDescriptor(given, i)?.value',
    replace: 'given[i]',
    tests: ['test/unit/guards/guard-answers.test.ts'],
  },
  {
    name: 'a guard that fails lets through',
    file: 'src/token/guarded/ask-guard.ts',
    find: "marks.map(() => 'unavailable')",
    replace: "marks.map(() => 'fresh')",
    tests: GUARDED_TESTS,
  },
  {
    name: 'a listener that throws is a rejection',
    file: 'src/errors.ts',
    find: '  try {\n    Promise.resolve(listener?.(problem)).catch(() => {});\n  } catch {}\n',
    replace: '  listener?.(problem);\n',
    tests: GUARDED_TESTS,
  },
  {
    name: 'marks of 72 bits',
    file: 'src/token/marks.ts',
    find: 'const MAC_BYTES = 12;',
    replace: 'const MAC_BYTES = 9;',
    tests: GUARDED_TESTS,
  },
  {
    name: 'the last step of the widest window has no mark',
    file: 'src/limits.ts',
    find: 'MAX_WINDOW_STEPS = 2 * MAX_WINDOW + 1;',
    replace: 'MAX_WINDOW_STEPS = 2 * MAX_WINDOW;',
    tests: GUARDED_TESTS,
  },
  {
    name: 'one call that ends ends those beside it',
    file: 'src/token/guarded/asked.ts',
    find: 'if (left === 0)',
    replace: 'if (left >= 0)',
    tests: GUARDED_TESTS,
  },
  {
    name: 'what is used is not remembered',
    file: 'src/token/guarded/verifier.ts',
    find: '      this.#settle(asked, step);\n',
    replace: '',
    tests: GUARDED_TESTS,
  },
  {
    name: 'a call from within another takes its marks',
    file: 'src/token/guarded/verifier.ts',
    find: 'engine.marks = outer;',
    replace: 'engine.marks = undefined;',
    tests: GUARDED_TESTS,
  },
  {
    name: 'conformance: more than one fresh is fine',
    file: 'src/guards/conformance.ts',
    find: 'if (fresh !== 1 ||',
    replace: 'if (fresh < 1 ||',
    tests: CONFORMANCE,
  },
  {
    name: 'conformance: what has expired may be fresh',
    file: 'src/guards/conformance.ts',
    find: "if (answer === 'fresh') throw",
    replace: "if (answer === 'unavailable') throw",
    tests: CONFORMANCE,
  },
  {
    name: 'LMDB: what has expired is taken',
    file: 'src/guards/retention.ts',
    find: 'expiresAtMs <= nowMs || ',
    replace: '',
    tests: LMDB_TIME,
  },
  {
    name: 'LMDB: marks from before the store was made are taken',
    file: 'src/guards/lmdb/generations.ts',
    find: ' || mayPrecede(mark, floorMs, lifetimeMs)',
    replace: '',
    tests: LMDB,
  },
  {
    name: 'LMDB: a step that was dropped begins again',
    file: 'src/guards/retention.ts',
    find: ' || keepUntilMs <= droppedMs',
    replace: '',
    tests: LMDB_TIME,
  },
  {
    name: 'LMDB: room for one mark more than the capacity',
    file: 'src/guards/lmdb/generations.ts',
    find: 'generation.count >= this.#settings.capacity',
    replace: 'generation.count > this.#settings.capacity',
    tests: LMDB,
  },
  {
    name: 'LMDB: a full step no longer knows what it has',
    file: 'src/guards/lmdb/generations.ts',
    find: "return marks.doesExist(mark.key) ? 'replayed' : 'unavailable';",
    replace: "return 'unavailable';",
    tests: LMDB,
  },
  {
    name: 'LMDB: a longer period does not keep a step for longer',
    file: 'src/guards/lmdb/generations.ts',
    find: 'generation.keepUntilMs = mark.keepUntilMs;',
    replace: 'generation.keepUntilMs += 0;',
    tests: LMDB_TIME,
  },
  {
    name: 'marks are kept for a window of one step alone',
    file: 'src/guards/guard.ts',
    find: '(step + MAX_WINDOW + 1) * periodMs',
    replace: '(step + 2) * periodMs',
    tests: LMDB_TIME,
  },
  {
    name: 'Redis: evicted keys raise no floor',
    file: 'src/guards/redis/memory-loss.ts',
    find: 'if (evictedKeys === before) return;',
    replace: 'if (evictedKeys >= before) return;',
    tests: MEMORY_LOSS,
  },
  {
    name: 'Redis: a run is taken for as durable as the one after it',
    file: 'src/guards/redis/memory-loss.ts',
    find: 'const wasDurable = before === undefined || before.isDurable;',
    replace: 'const wasDurable = true;',
    tests: MEMORY_LOSS,
  },
  {
    name: 'the leader reads frames of any head',
    file: 'src/server/cluster/guard/frames.ts',
    find: 'if (!isOurs || ',
    replace: 'if (',
    tests: CHANNEL,
  },
  {
    name: 'a worker takes answers to other marks',
    file: 'src/server/cluster/guard/asker.ts',
    find: 'body.length === count && ',
    replace: '',
    tests: CHANNEL,
  },
  {
    name: 'a worker has any number of marks wait',
    file: 'src/server/cluster/guard/asker.ts',
    find: 'this.#waiting >= MAX_WAITING',
    replace: 'this.#waiting < 0',
    tests: CHANNEL,
  },
  {
    name: 'a leader reads on though a worker takes no answers',
    file: 'src/server/cluster/guard/answerer.ts',
    find: 'this.#isDraining = true;\n    this.#channel.pause();',
    replace: 'this.#isDraining = true;',
    tests: CHANNEL,
  },
  {
    name: 'the leader takes marks that have expired',
    file: 'src/server/cluster/guard/table.ts',
    find: 'table === undefined || mark.expiresAtMs <= nowMs',
    replace: 'table === undefined',
    tests: LEADER_TABLE,
  },
  {
    name: 'a leader takes what the one before may have accepted',
    file: 'src/server/cluster/guard/table.ts',
    find: '+ window.future + 1;',
    replace: '- window.past;',
    tests: LEADER_TABLE,
  },
];
