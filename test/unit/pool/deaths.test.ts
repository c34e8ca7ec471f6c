/** Threads that die: they are replaced, and neither a token nor a change of keys is forgotten. */
import { describe, expect, it, vi } from 'vitest';
import { createIssuer, generateKeys, type VerifierError } from '../../../dist/index.js';
import { clock, closePools, hosts, issue, issuer, poolOf } from './setup.js';
import { type Message, watchThreads } from './threads.js';

closePools();
const threads = watchThreads();

describe('a thread that dies', () => {
  it('is reported and replaced, with its keys, and no token is forgotten', async () => {
    const errors: unknown[] = [];
    const pool = await poolOf({ onThreadError: (error) => errors.push(error) });
    const late = generateKeys();
    await pool.setHost('late.example', late);
    const before = issue(4000);
    expect((await pool.verifyLines(before.lines)).accepted).toBe(4000);

    const [victim] = threads.started;
    const busy = issue(20_000);
    const running = Promise.allSettled([
      pool.verifyLines(busy.lines),
      pool.verifyLines(before.lines),
    ]);
    await victim?.terminate();
    const [hit] = await running;
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'ERR_WORKER' });
    if (hit?.status === 'rejected') expect(hit.reason).toMatchObject({ code: 'ERR_WORKER' });

    expect((await pool.verifyLines(before.lines)).accepted).toBe(0);
    expect(threads.started).toHaveLength(3);
    const lateIssuer = await createIssuer({ hosts: { 'late.example': late }, clock });
    const jids = new Array(6000).fill('b@late.example');
    expect(
      (
        await pool.verifyBatch(
          jids,
          jids.map((jid) => lateIssuer.issue(jid)),
        )
      ).accepted,
    ).toBe(6000);
  });

  it('does not bring back a removed host or a replaced key, whatever their spelling', async () => {
    const pool = await poolOf({ threads: 1 });
    const next = generateKeys();
    await pool.setHost('TWO.example', next);
    await pool.removeHost('Example.COM');
    await Promise.all([pool.setHost('gone.example', next), pool.removeHost('gone.example')]);
    await expect(pool.setHost('two.example', [])).rejects.toMatchObject({ code: 'ERR_OPTION' });
    await threads.started.at(-1)?.terminate();
    const all = await createIssuer({
      hosts: { ...hosts, 'two.example': next, 'gone.example': next },
      clock,
    });
    const jids = ['a@example.com', 'a@two.example', 'a@gone.example'];
    const verdicts = await pool.verifyBatch(
      jids,
      jids.map((jid) => all.issue(jid)),
    );
    expect([...verdicts].map(({ code }) => code)).toEqual([
      'unknown-host',
      'accepted',
      'unknown-host',
    ]);
  });

  it('in the middle of the guard leaves no bucket locked', async () => {
    const pool = await poolOf({ threads: 1 });
    const { jids, tokens } = issue(1);
    expect((await pool.verifyBatch(jids, tokens)).code(0)).toBe('accepted');
    // The bucket that it had last is locked by it once more: see HOLDING of assembly/memory.ts,
    // LOCKED of assembly/locks.ts.
    const thread = threads.started[0]!;
    const { memory, region } = thread.start as Required<Message>;
    const [bucket] = new Uint32Array(memory.buffer, region.start + 0x1c00, 1);
    const stamp = new BigUint64Array(memory.buffer, bucket, 1);
    stamp[0]! |= 8n;
    expect((await pool.verifyBatch(jids, tokens)).code(0)).toBe('guard-unavailable');
    await thread.terminate();
    expect((await pool.verifyBatch(jids, tokens)).code(0)).toBe('replayed');
  });

  it('is replaced again and again', async () => {
    const pool = await poolOf();
    const { lines } = issue(1000);
    expect((await pool.verifyLines(lines)).accepted).toBe(1000);
    for (let i = 0; i < 5; i++) await threads.started.at(-1)?.terminate();
    expect((await pool.verifyLines(lines)).accepted).toBe(0);
    expect((await pool.verifyLines(issue(5000).lines)).accepted).toBe(5000);
  });
});

describe('a replacement thread that has to import before it can start', () => {
  const options = { prepareNames: true, threads: 1 };

  it('is given no task before it is ready', async () => {
    const pool = await poolOf(options);
    await threads.started[0]?.terminate();
    const { jids, tokens } = issue(6);
    const verdicts = await Promise.all(jids.map((jid, i) => pool.verifyBatch([jid], [tokens[i]!])));
    expect(verdicts.map((verdict) => verdict.code(0))).toEqual(jids.map(() => 'accepted'));
  });

  const said = (kind: string) => (event: string | symbol, message: Message | undefined) =>
    event === 'message' && message?.kind === kind;
  for (const [moment, when, isTime] of [
    ['before there is another', 'before', (event) => event === 'exit'],
    ['when it has just been made', 'after', (event) => event === 'online'],
    ['when it is about to say that it is ready', 'before', said('started')],
    ['when it has just been given its keys', 'after', said('started')],
    ['when it has just come into service', 'after', said('done')],
  ] as readonly (readonly [
    string,
    'before' | 'after',
    (event: string | symbol, message: Message | undefined) => boolean,
  ])[]) {
    it(`begins with the keys of that moment, when they change ${moment}`, async () => {
      const pool = await poolOf(options);
      const [rotated, added] = [generateKeys(), generateKeys()];
      const next = await createIssuer({
        hosts: { 'two.example': rotated, 'new.example': added },
        clock,
      });
      const jids = ['a@example.com', 'a@two.example', 'a@two.example', 'a@new.example'];
      const tokens = jids.map((jid, i) => (i < 2 ? issuer : next).issue(jid));

      const changed = new Promise<unknown[]>((resolve) => {
        threads.hooks[when] = (event, message) => {
          if (!isTime(event, message)) return;
          threads.hooks[when] = undefined;
          resolve(
            Promise.all([
              pool.removeHost('EXAMPLE.com'),
              pool.setHost('two.example', rotated),
              pool.setHost('new.example', added),
            ]),
          );
        };
      });
      await threads.started[0]?.terminate();
      expect(await changed).toEqual([true, undefined, undefined]);
      const codes = [...(await pool.verifyBatch(jids, tokens))].map(({ code }) => code);
      expect(codes).toEqual(['unknown-host', 'wrong-otp', 'accepted', 'accepted']);
    });
  }
});

describe('a failing thread', () => {
  const BACK_OFF = [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000];

  /**
   * Lets no time pass between one thread and the next, and returns what was waited for, in
   * milliseconds.
   */
  function noWaiting(): { readonly delays: readonly number[] } & Disposable {
    const delays: number[] = [];
    const { setTimeout } = globalThis;
    const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
      run: () => void,
      ms?: number,
    ) => {
      delays.push(ms ?? 0);
      return setTimeout(run, 0);
    }) as typeof setTimeout);
    return { delays, [Symbol.dispose]: () => spy.mockRestore() };
  }

  it('is replaced when it fails at a task, and its waiting tasks go to another', async () => {
    const errors: VerifierError[] = [];
    const pool = await poolOf({ threads: 1, onThreadError: (error) => errors.push(error) });
    threads.hooks.post = (message) =>
      message.task ? { ...message, task: { kind: 'lines', bytes: null } } : message;
    const { lines } = issue(10);
    await expect(pool.verifyLines(lines)).rejects.toMatchObject({ code: 'ERR_WORKER' });
    threads.hooks.post = undefined;
    expect((await pool.verifyLines(lines)).accepted).toBe(10);
    expect(errors.map(({ code }) => code)).toEqual(['ERR_WORKER']);
    expect(threads.started).toHaveLength(2);
  });

  it('is replaced by one with the new keys when it fails at new keys', async () => {
    const pool = await poolOf({ threads: 1 });
    threads.hooks.post = (message) => {
      threads.hooks.post = undefined;
      return { ...message, task: { kind: 'keys', hosts: 1 } };
    };
    const added = generateKeys();
    await pool.setHost('new.example', added);
    const token = (await createIssuer({ hosts: { 'new.example': added }, clock })).issue(
      'a@new.example',
    );
    expect((await pool.verifyBatch(['a@new.example'], [token])).code(0)).toBe('accepted');
  });

  it('is replaced although a listener throws', async () => {
    const onThreadError = vi.fn(() => {
      throw new Error('of the listener');
    });
    const pool = await poolOf({ threads: 1, onThreadError });
    await threads.started[0]?.terminate();
    expect((await pool.verifyLines(issue(10).lines)).accepted).toBe(10);
    expect(onThreadError).toHaveBeenCalledTimes(1);
  });

  const WAYS: Readonly<Record<string, () => void>> = {
    'cannot be made': () => {
      threads.hooks.make = () => {
        throw new Error('no more threads');
      };
    },
    'cannot start': () => {
      threads.hooks.post = (message) =>
        message.kind === 'start' ? { ...message, module: 1 } : message;
    },
    'ends before it has started': () => {
      threads.hooks.post = (message) => {
        if (message.kind === 'start') void threads.started.at(-1)?.terminate();
        return message;
      };
    },
    'cannot take its keys': () => {
      threads.hooks.post = (message) =>
        message.kind === 'task' ? { ...message, task: { kind: 'keys' } } : message;
    },
  };
  for (const [how, spoil] of Object.entries(WAYS)) {
    it(`is started again, after longer and longer waits, until it works: ${how}`, async () => {
      using waits = noWaiting();
      const errors: VerifierError[] = [];
      const pool = await poolOf({
        threads: 1,
        onThreadError: (error) => {
          errors.push(error);
          if (errors.length === 6) threads.hooks.make = threads.hooks.post = undefined;
        },
      });
      spoil();
      await threads.started[0]?.terminate();
      expect((await pool.verifyLines(issue(10).lines)).accepted).toBe(10);
      expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'ERR_WORKER'));
      expect(waits.delays).toEqual(BACK_OFF.slice(0, 5));
      // It has answered: the next death is the first in a row.
      await threads.started.at(-1)?.terminate();
      expect((await pool.verifyLines(issue(10).lines)).accepted).toBe(10);
      expect(waits.delays).toHaveLength(5);
    });

    it(`is given up after ten failures in a row, and the pool says so, and goes on: ${how}`, async () => {
      using waits = noWaiting();
      const errors: VerifierError[] = [];
      let isLost = () => {};
      const lost = new Promise<void>((resolve) => {
        isLost = resolve;
      });
      const pool = await poolOf({
        onThreadError: (error) => {
          errors.push(error);
          if (error.message.includes('is not replaced')) isLost();
        },
      });
      spoil();
      await threads.started[0]?.terminate();
      await lost;
      expect(waits.delays).toEqual(BACK_OFF);
      expect(errors).toHaveLength(11);
      expect(pool.threads).toBe(1);
      threads.hooks.post = undefined;
      expect((await pool.verifyLines(issue(10).lines)).accepted).toBe(10);
      await pool.setHost('new.example', generateKeys());
    });

    it(`at the very beginning makes the pool fail: ${how}`, async () => {
      spoil();
      await expect(poolOf()).rejects.toMatchObject({ name: 'VerifierError' });
    });
  }

  it('that is the last one is given up, and every call says why', async () => {
    using _waits = noWaiting();
    const errors: VerifierError[] = [];
    const pool = await poolOf({ threads: 1, onThreadError: (error) => errors.push(error) });
    const { lines } = issue(20_000);
    WAYS['cannot start']!();
    const running = Promise.allSettled([pool.verifyLines(lines)]);
    await threads.started[0]?.terminate();
    expect((await running)[0]).toMatchObject({
      status: 'rejected',
      reason: { code: 'ERR_WORKER' },
    });
    await expect(pool.verifyLines(lines)).rejects.toMatchObject({ code: 'ERR_WORKER' });
    expect(errors[0]!.message).toMatch(/^a thread of the pool died \(it ended with code 1\)/);
    for (const call of [
      () => pool.verifyLines(lines),
      () => pool.verifyBatch([], []),
      () => pool.setHost('new.example', generateKeys()),
      () => pool.removeHost('example.com'),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_WORKER',
        message: expect.stringMatching(/is not replaced, 0 are left: .*did not start/),
      });
    }
    expect(pool.threads).toBe(0);
  });
});
