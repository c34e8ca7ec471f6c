// A guard on a disk that fills up, and has room again. Run where FOLDER is a small file system of its own.
//
//   node full-disk.mjs FOLDER
import { createLmdbGuard } from '../../../../dist/guards/lmdb/index.js';

/** @type {string[]} */
const told = [];
const guard = await createLmdbGuard({
  path: process.argv[2] ?? '',
  onProblem: ({ message }) => void told.push(message),
});
const step = Math.floor(Date.now() / 30_000);
let next = 0;
const marks = () =>
  Array.from({ length: 2000 }, () => ({
    id: String(++next).padStart(16, 'A'),
    step,
    startsAtMs: (step - 1) * 30_000,
    expiresAtMs: (step + 3) * 30_000,
    keepUntilMs: (step + 11) * 30_000,
  }));
/** @type {import('../../../../dist/guards/guard.js').ReplayMark[]} */
const kept = [];
/** @type {string[]} */
const failures = [];
for (let i = 0; i < 60; i++) {
  const some = marks();
  try {
    for (const [at, answer] of (await guard.remember(some)).entries()) {
      if (answer !== 'fresh') throw new Error(answer);
      kept.push(/** @type {any} */ (some[at]));
    }
  } catch (error) {
    failures.push(/** @type {Error} */ (error).message);
  }
}
const again = await guard.remember(kept).catch((error) => [error.message]);
// The next step but three: everything until now is over, so there is room.
const later = {
  ...marks()[0],
  step: step + 4,
  expiresAtMs: (step + 7) * 30_000,
  keepUntilMs: (step + 15) * 30_000,
};
process.send?.({
  kept: kept.length,
  again: [...new Set(again)],
  failures: [...new Set(failures)],
  told: [...new Set(told)],
  after: await guard.remember([/** @type {any} */ (later)]).catch((error) => [error.message]),
});
process.disconnect?.();
await guard.close();
