import { describe, expect, it } from 'vitest';
import { createIssuer, createVerifier, generateKeys, verifyStream } from '../../../dist/index.js';
import { createVerifierPool } from '../../../dist/pool/index.js';
import { clock, closePools, hosts, issue, issuer, linesOf, NOW, poolOf } from './setup.js';
import { watchThreads } from './threads.js';

closePools();
const threads = watchThreads();

describe('a pool', () => {
  it('gives the verdicts of a single verifier, in order, with steps, drifts and keys', async () => {
    const pool = await poolOf();
    const { jids, tokens } = issue(9000);
    for (let i = 0; i < tokens.length; i += 7)
      tokens[i] = i % 2 ? 'nonsense' : (tokens[i] as string).replace(/^./, 'x');
    const single = await createVerifier({ hosts, clock });
    const expected = [...single.verifyBatch(jids, tokens)];
    expect([...(await pool.verifyLines(linesOf(jids, tokens)))]).toEqual(expected);
    const other = await poolOf();
    expect([...(await other.verifyBatch(jids, tokens))]).toEqual(expected);
  });

  it('accepts each token exactly once, however many threads see it at once', async () => {
    const pool = await poolOf({ threads: 4 });
    const { jids, tokens, lines } = issue(12_000);
    const backwards = linesOf(jids.toReversed(), tokens.toReversed());
    const runs = await Promise.all([
      pool.verifyLines(lines),
      pool.verifyLines(backwards),
      pool.verifyBatch(jids, tokens),
      pool.verifyLines(lines),
      pool.verifyLines(backwards),
    ]);
    const accepted = tokens.map((_, i) =>
      runs.reduce((sum, run, r) => {
        const at = r === 1 || r === 4 ? tokens.length - 1 - i : i;
        return sum + (run.code(at) === 'accepted' ? 1 : 0);
      }, 0),
    );
    expect(accepted.filter((times) => times !== 1)).toEqual([]);
    for (const run of runs) {
      for (const code of new Set([...run].map((verdict) => verdict.code))) {
        expect(['accepted', 'replayed']).toContain(code);
      }
    }
  });

  it('accepts one of a thousand copies', async () => {
    const pool = await poolOf({ threads: 4 });
    const { jids, tokens } = issue(1);
    const copies = linesOf(new Array(1000).fill(jids[0]), new Array(1000).fill(tokens[0]));
    const runs = await Promise.all(Array.from({ length: 12 }, () => pool.verifyLines(copies)));
    expect(runs.reduce((sum, run) => sum + run.accepted, 0)).toBe(1);
  });

  it('accepts its capacity, give or take the tasks under way, and never forgets a token', async () => {
    const pool = await poolOf({ replay: { capacity: 640 } });
    const { jids, tokens } = issue(3000);
    const now = jids.map((jid) => issuer.issue(jid));
    const first = await pool.verifyBatch(jids, now);
    expect(first.accepted).toBeLessThanOrEqual(640);
    expect(first.accepted).toBeGreaterThan(640 - 2 * 11);
    const again = await pool.verifyBatch(jids, now);
    expect([...again].filter((verdict, i) => verdict.ok && first.code(i) === 'accepted')).toEqual(
      [],
    );
    expect(first.codes.filter((_, i) => first.code(i) === 'guard-unavailable')).toHaveLength(
      3000 - first.accepted,
    );
    expect((await pool.verifyBatch(jids.slice(0, 3), tokens.slice(0, 3))).at(0)).toMatchObject({
      ok: true,
    });
  });

  it('spreads calls that come one after another', async () => {
    const pool = await poolOf({ threads: 3 });
    const { jids, tokens } = issue(30);
    for (const [i, jid] of jids.entries()) await pool.verifyBatch([jid], [tokens[i]!]);
    expect(threads.started.map(({ tasks }) => tasks)).toEqual([10, 10, 10]);
  });

  it('is fed by a stream like a verifier, and keeps all threads busy', async () => {
    const pool = await poolOf();
    const { lines } = issue(9000);
    let accepted = 0;
    // As a file comes, in chunks that are smaller than a part.
    const source = Array.from({ length: Math.ceil(lines.length / 65_536) }, (_, i) =>
      lines.subarray(i * 65_536, (i + 1) * 65_536),
    );
    for await (const verdicts of verifyStream(pool, source)) accepted += verdicts.accepted;
    expect(accepted).toBe(9000);
    const tasks = threads.started.map((thread) => thread.tasks);
    expect(tasks[0]! + tasks[1]!).toBe(source.length);
    expect(Math.min(...tasks)).toBeGreaterThan(source.length / 4);
  });

  it('takes new keys in every thread, and drops old ones', async () => {
    const pool = await poolOf();
    const next = generateKeys();
    const nextIssuer = await createIssuer({ hosts: { 'new.example': next }, clock });
    const tokens = Array.from({ length: 6000 }, () => nextIssuer.issue('a@new.example'));
    const jids = tokens.map(() => 'a@new.example');
    expect((await pool.verifyBatch(jids, tokens)).code(5999)).toBe('unknown-host');
    await pool.setHost('new.example', next);
    expect((await pool.verifyBatch(jids, tokens)).accepted).toBe(6000);
    expect(await pool.removeHost('new.example')).toBe(true);
    expect(await pool.removeHost('new.example')).toBe(false);
    expect((await pool.verifyBatch(jids, tokens)).code(0)).toBe('unknown-host');
    await expect(pool.setHost('bad host', next)).rejects.toMatchObject({
      code: 'ERR_OPTION',
      field: 'hosts["bad host"]',
    });
  });

  it('prepares names when asked to', async () => {
    const pool = await poolOf({ prepareNames: true });
    const verdicts = await pool.verifyLines(
      `ALICE@example.com\t${issuer.issue('alice@example.com')}\n`,
    );
    expect(verdicts.code(0)).toBe('accepted');
  });

  it('refuses tokens of steps before its start when told so', async () => {
    let timeMs = NOW;
    const pool = await poolOf({
      clock: () => timeMs,
      replay: { capacity: 100, rejectStepsBefore: 'start' },
    });
    const jid = 'a@example.com';
    const asked = async (...seconds: number[]) => {
      const tokens = seconds.map((each) => issuer.issue(jid, { timeMs: NOW + each * 1000 }));
      const verdicts = await pool.verifyBatch(Array(tokens.length).fill(jid), tokens);
      return [...verdicts].map(({ code }) => code);
    };
    expect(await asked(-30, 0, 30)).toEqual(['stale', 'stale', 'stale']);
    timeMs += 30_000;
    expect(await asked(30, 60)).toEqual(['stale', 'accepted']);
  });
});

describe('the end of a pool', () => {
  it('waits for the calls under way, and refuses later ones', async () => {
    const pool = await poolOf();
    const running = pool.verifyLines(issue(5000).lines);
    await pool.close();
    expect((await running).accepted).toBe(5000);
    await expect(pool.verifyLines('x\n')).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    await expect(pool.setHost('a.example', generateKeys())).rejects.toMatchObject({
      code: 'ERR_DISPOSED',
    });
  });

  it('rejects the calls under way when it is disposed of', async () => {
    const pool = await poolOf();
    const running = pool.verifyLines(issue(20_000).lines);
    pool.dispose();
    await expect(running).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

it('a pool refuses arguments other than text and lists', async () => {
  const pool = await poolOf();
  await expect(pool.verifyLines(['a'] as never)).rejects.toThrow(TypeError);
  await expect(pool.verifyBatch('ab' as never, 'cd' as never)).rejects.toThrow(TypeError);
  await expect(pool.verifyBatch(['a'], [])).rejects.toThrow(RangeError);
});

it('a pool calls a value malformed that cannot be sent to a thread, and goes on', async () => {
  const pool = await poolOf({ threads: 1 });
  const { jids, tokens } = issue(2);
  const gone = new Uint8Array(85);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const odd = [() => 'x', Symbol('x'), new Proxy({}, {}), undefined, gone, 7n] as never[];
  expect([...(await pool.verifyBatch(odd, odd)).codes]).toEqual([1, 1, 1, 1, 1, 1]);
  const bytes = Buffer.from(`..${jids[1]}`).subarray(2);
  expect([...(await pool.verifyBatch([jids[0]!, bytes], tokens)).codes]).toEqual([0, 0]);
  const keys = { ...generateKeys(), extra: () => {} } as never;
  await expect(pool.setHost('new.example', keys)).rejects.toThrow();
  // Three more tasks than a thread has at hand: none of those before is left among them.
  for (let i = 0; i < 5; i++)
    expect((await pool.verifyBatch(jids, tokens)).code(0)).toBe('replayed');
});

it('a pool gives a verdict for each token that was there when it was called', async () => {
  const pool = await poolOf({ threads: 1 });
  const { jids, tokens } = issue(20_000);
  const running = pool.verifyBatch(jids, tokens);
  jids.length = tokens.length = 0;
  expect((await running).accepted).toBe(20_000);
});

it('a pool rejects when its bytes are detached meanwhile, and goes on', async () => {
  const pool = await poolOf({ threads: 1 });
  const bytes = new Uint8Array(2_000_000).fill(0x0a);
  const running = pool.verifyLines(bytes);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await expect(running).rejects.toThrow(TypeError);
  const { lines } = issue(3000);
  expect((await pool.verifyLines(lines)).accepted).toBe(3000);
});

describe('bad options', () => {
  for (const [what, options, field] of [
    ['no threads', { threads: 0 }, 'threads'],
    ['half a thread', { threads: 1.5 }, 'threads'],
    ['too many', { threads: 65 }, 'threads'],
    ['an unknown one', { thread: 2 } as object, 'options.thread'],
    ['an onThreadError that is no function', { onThreadError: 1 } as object, 'onThreadError'],
    ['prepareNames that is no boolean', { prepareNames: 'yes' } as object, 'prepareNames'],
    ['a module', { module: null } as object, 'options.module'],
    [
      'a prepareJid, which no thread can be given',
      { prepareJid: () => '' } as object,
      'prepareJid',
    ],
    [
      'a guard past what memory has',
      { replay: { capacity: 100_000_000 }, window: { past: 10 } },
      undefined,
    ],
  ] as const) {
    it(`(${what}) give one error that names it`, async () => {
      await expect(createVerifierPool({ hosts, ...options })).rejects.toMatchObject(
        field === undefined ? { code: 'ERR_MEMORY' } : { code: 'ERR_OPTION', field },
      );
    });
  }
});
