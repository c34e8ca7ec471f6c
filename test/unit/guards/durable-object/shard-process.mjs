// @ts-nocheck Node 24 has these modules, and the types are of Node 20.
// What a shard answers to marks at moments that its caller sets, on Node's own SQLite in the place of Cloudflare's.
//
//   node shard-process.mjs CALLS
//
// CALLS is JSON: [{ nowMs, marks, attempt }]. Prints the answers, call by call.
import { registerHooks } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

const WORKERS =
  'export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }';
registerHooks({
  resolve(name, context, next) {
    if (name !== 'cloudflare:workers') return next(name, context);
    return { url: `data:text/javascript,${encodeURIComponent(WORKERS)}`, shortCircuit: true };
  },
});
const { ReplayShard } = await import('../../../../dist/guards/durable-object/shard.js');

const database = new DatabaseSync(':memory:');
/** @type {number | null} */
let alarmMs = null;
const storage = {
  sql: {
    exec(/** @type {string} */ query, /** @type {any[]} */ ...bindings) {
      if (bindings.length === 0 && query.includes(';')) {
        database.exec(query);
        return { rowsWritten: 0, toArray: () => [] };
      }
      // Node takes numbered parameters by name.
      const isNumbered = query.includes('?1');
      const named = Object.fromEntries(bindings.map((value, i) => [`?${i + 1}`, value]));
      const rows = isNumbered
        ? database.prepare(query).all(named)
        : database.prepare(query).all(...bindings);
      return { rowsWritten: 0, toArray: () => rows };
    },
  },
  transactionSync(/** @type {() => unknown} */ closure) {
    database.exec('BEGIN');
    try {
      const result = closure();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  },
  setAlarm: async (/** @type {number} */ ms) => {
    alarmMs = ms;
  },
  getAlarm: async () => alarmMs,
};

let nowMs = 0;
Date.now = () => nowMs;
const calls = JSON.parse(process.argv[2] ?? '[]');
const answers = [];
for (const call of calls) {
  nowMs = call.nowMs;
  if (call.before !== undefined) database.exec(call.before);
  // A new object each time, as after a restart.
  const shard = new ReplayShard(/** @type {any} */ ({ storage }), {});
  if (alarmMs !== null && alarmMs <= nowMs) {
    alarmMs = null;
    await shard.alarm();
  }
  answers.push(await shard.remember(call.marks, call.attempt).catch((error) => error.message));
}
process.stdout.write(JSON.stringify(answers));
