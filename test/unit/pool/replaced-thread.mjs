// A program with nothing to do but wait for a pool that replaces a thread, with a fault put in on purpose:
//
//   node replaced-thread.mjs <folder of the build> <fault>
//
// It prints the verdict, or Node ends it with code 13, which says that the last `await` never settles.
import threads from 'node:worker_threads';

const [dist, fault] = process.argv.slice(2);
const { Worker } = threads;
/** @type {threads.Worker[]} */
const started = [];

class Faulty extends Worker {
  /** @param {string | URL} script */
  constructor(script) {
    super(script);
    started.push(this);
    // A thread, or the port to it, that holds no event loop: as one that has just died.
    if (fault !== 'late-reply') super.unref();
    // The second one dies before it is ready, and so does the third.
    if (fault === 'dies-unready' && (started.length === 2 || started.length === 3))
      super.terminate();
  }

  /** @override */
  ref() {
    if (fault === 'late-reply') super.ref();
  }

  /** @override */
  terminate() {
    const gone = super.terminate();
    // A reply that was on its way when the thread was ended.
    if (fault === 'late-reply')
      this.emit('message', { kind: 'done', id: -1, answers: new Int32Array() });
    else super.unref();
    return gone;
  }
}
threads.Worker = Faulty;

const { createVerifierPool } = await import(`${dist}/pool/index.js`);
const { createIssuer, generateKeys } = await import(`${dist}/index.js`);
const hosts = { 'example.com': generateKeys() };
const issuer = await createIssuer({ hosts });
const pool = await createVerifierPool({ hosts, threads: 1, replay: { capacity: 1000 } });
const jid = 'alice@example.com';

if (fault === 'late-reply') {
  // As a thread whose task failed: the pool ends it.
  started[0]?.emit('message', {
    kind: 'broken',
    fault: { code: 'ERR_WORKER', message: 'on purpose' },
  });
} else {
  void started[0]?.terminate();
  await /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const wait = setInterval(() => {
        if (started.length === 1) return;
        clearInterval(wait);
        resolve();
      }, 1);
    })
  );
}
const verdicts = await pool.verifyBatch([jid], [issuer.issue(jid)]);
process.stdout.write(`${verdicts.code(0)}\n`);
await pool.close();
process.stdout.write('closed\n');
