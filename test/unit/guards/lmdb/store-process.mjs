// Remembers some marks in a store twice, and tells how many answers of a kind there were. In a process of its own, since a
// corrupted store may end it.
//
//   node store-process.mjs FOLDER COUNT
import { createLmdbGuard } from '../../../../dist/guards/lmdb/index.js';

const [path = '', count = ''] = process.argv.slice(2);
const step = 60_000_000;
const marks = Array.from({ length: Number(count) }, (_, i) => ({
  id: String(i).padStart(16, 'A'),
  step,
  startsAtMs: (step - 1) * 30_000,
  expiresAtMs: (step + 2) * 30_000,
  keepUntilMs: (step + 11) * 30_000,
}));
try {
  const guard = await createLmdbGuard({ path, clock: () => step * 30_000 });
  const answers = await guard.remember(marks);
  process.send?.({ fresh: answers.filter((answer) => answer === 'fresh').length });
  await guard.close();
} catch (error) {
  const { code, message } = /** @type {import('../../../../dist/index.js').VerifierError} */ (
    error
  );
  process.send?.({ code, message });
}
process.disconnect?.();
