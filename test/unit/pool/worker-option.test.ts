/** What a pool's threads run, where the program says it; and what a pool prints. */
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Verdicts } from '../../../dist/index.js';
import type { PoolOptions } from '../../../dist/pool/index.js';
import { closePools, hosts, issue, poolOf } from './setup.js';

closePools();

const FILE = new URL('../../../dist/pool/worker.js', import.meta.url);

describe('the option worker', () => {
  it.each<[string, PoolOptions['worker']]>([
    ['a URL', FILE],
    ['an object with the href of one, as a URL of another realm is', { href: FILE.href }],
    ['its text', FILE.href],
    ['a function that makes a worker', () => new Worker(FILE)],
  ])('may be %s', async (_, worker) => {
    const pool = await poolOf({ worker, threads: 1 });
    const { jids, tokens } = issue(4);
    expect((await pool.verifyBatch(jids, tokens)).accepted).toBe(4);
  });

  it('as a function is asked for each thread, and for the one that replaces it', async () => {
    const made: Worker[] = [];
    const worker = () => {
      made.push(new Worker(FILE));
      return made.at(-1)!;
    };
    const pool = await poolOf({ worker, threads: 2 });
    expect(made).toHaveLength(2);
    await Promise.all(made.map((thread) => thread.terminate()));
    const { lines } = issue(4);
    const again = (): Promise<Verdicts> => pool.verifyLines(lines).catch(again);
    expect((await again()).accepted).toBe(4);
    expect(made.length).toBeGreaterThan(2);
  });

  it.each<[string, unknown]>([
    ['a number', 7],
    ['null', null],
    ['no text', ''],
    ['an object without href', {}],
    ['an href that is no address', { href: 'worker.js' }],
    ['text that is no address', 'http://'],
  ])('is refused by name: %s', async (_, worker) => {
    await expect(poolOf({ worker: worker as string })).rejects.toMatchObject({
      ...{ code: 'ERR_OPTION', field: 'worker' },
      fix: 'hand in a URL, its text, or a function that returns a new Worker',
    });
  });

  it.each([undefined, null, 7, {}, { postMessage() {} }])(
    'is refused by name as a function that gives no worker: %o',
    async (given) => {
      await expect(poolOf({ worker: () => given as never })).rejects.toMatchObject({
        ...{ code: 'ERR_OPTION', field: 'worker', fix: 'return a new Worker' },
      });
    },
  );

  it('is named where its file is not there, with the path and the cause', async () => {
    const lost = new URL('./none.js', import.meta.url);
    await expect(poolOf({ worker: lost })).rejects.toMatchObject({
      ...{ code: 'ERR_OPTION', field: 'worker', cause: { code: 'MODULE_NOT_FOUND' } },
      fault: expect.stringContaining('none.js'),
      fix: expect.stringContaining('totp-token/pool/worker'),
    });
  });

  it('is named where a module that the file imports is not there', async () => {
    const lost = new URL(`data:text/javascript,import ${JSON.stringify(`${FILE.href}x`)}`);
    await expect(poolOf({ worker: lost })).rejects.toMatchObject({
      ...{ code: 'ERR_OPTION', field: 'worker' },
      cause: { code: 'ERR_MODULE_NOT_FOUND' },
    });
  });

  it('is named where its function gives one worker to two threads', async () => {
    const [one, other] = [new Worker(FILE), new Worker(FILE)];
    const twice = {
      ...{
        code: 'ERR_OPTION',
        field: 'worker',
        fault: 'its function returned the same worker twice',
      },
    };
    await expect(poolOf({ worker: () => one, threads: 2 })).rejects.toMatchObject(twice);
    await poolOf({ worker: () => other, threads: 1 });
    await expect(poolOf({ worker: () => other, threads: 1 })).rejects.toMatchObject(twice);
  });

  it('is named where the worker runs another module, which ends', async () => {
    await expect(poolOf({ worker: 'data:text/javascript,' })).rejects.toMatchObject({
      ...{ code: 'ERR_OPTION', field: 'worker' },
      fault: 'the module of the threads ended without an answer',
    });
  });

  it('may be a worker that says other things too', async () => {
    const talks = `
      import { parentPort } from 'node:worker_threads';
      for (const said of [null, undefined, 7, 'ready', {}, { kind: 'hot-update', id: 0 }])
        parentPort.postMessage(said);
      await import(${JSON.stringify(FILE.href)});`;
    const pool = await poolOf({
      worker: new URL(`data:text/javascript,${encodeURIComponent(talks)}`),
    });
    const { jids, tokens } = issue(4);
    expect((await pool.verifyBatch(jids, tokens)).accepted).toBe(4);
  });

  it('is not named where its function throws, or the worker fails in another way', async () => {
    const fault = new Error('no room');
    const thrown = () => {
      throw fault;
    };
    const failing = new URL('data:text/javascript,throw new Error("no room")');
    for (const worker of [thrown, failing]) {
      await expect(poolOf({ worker })).rejects.toMatchObject({
        ...{ code: 'ERR_WORKER', field: undefined },
        message: 'a thread of the pool did not start (no room)',
      });
    }
  });
});

it('a pool prints its hosts, threads and memory, and after its end that it was closed', async () => {
  const pool = await poolOf({ replay: { capacity: 300 } });
  const text =
    'VerifierPool { hosts: ["example.com","two.example"], threads: 2, remembered: 0, capacity: 300 }';
  expect([`${pool}`, inspect(pool, { depth: 9 })]).toEqual([text, text]);
  expect(JSON.parse(JSON.stringify(pool))).toEqual({
    ...{ hosts: Object.keys(hosts), threads: 2, remembered: 0, capacity: 300 },
  });
  await pool.close();
  expect([`${pool}`, JSON.stringify(pool)]).toEqual([
    'VerifierPool { disposed: true }',
    '{"disposed":true}',
  ]);
});
