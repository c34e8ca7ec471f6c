/**
 * How many keys a pool takes, and that its threads' memory has room for them in whatever order they
 * come and go.
 */
import { describe, expect, it } from 'vitest';
import { createIssuer, generateKeys, type HostKeys } from '../../../dist/index.js';
import { clock, closePools, hosts, issue, poolOf } from './setup.js';
import { watchThreads } from './threads.js';

closePools();
const threads = watchThreads();

const keys = (count: number): HostKeys[] => Array.from({ length: count }, generateKeys);
/** A host name of that many bytes. */
const name = (bytes: number, i: number) => `h${i}.`.padEnd(bytes, 'x');

describe('the option maxKeys', () => {
  it('is the number of keys that fit, and a key that does not fit changes nothing', async () => {
    const pool = await poolOf({ maxKeys: 5 });
    await pool.setHost('a.example', keys(2));
    const refused = {
      code: 'ERR_MEMORY',
      message: expect.stringMatching(/^hosts\["B.example"\]: .* 5 keys;.*maxKeys/),
    };
    await expect(pool.setHost('B.example', keys(1))).rejects.toMatchObject(refused);
    await expect(pool.setHost('example.com', keys(2))).rejects.toMatchObject({
      code: 'ERR_MEMORY',
    });
    expect((await pool.verifyLines(issue(3000).lines)).accepted).toBe(3000);
    // As many in place of others, and one where one has gone.
    await pool.setHost('a.example', keys(2));
    await pool.setHost('a.example', keys(1));
    await pool.setHost('b.example', keys(1));
    expect(await pool.removeHost('b.example')).toBe(true);
    await pool.setHost('c.example', keys(1));
    await expect(pool.setHost('d.example', keys(1))).rejects.toMatchObject({ code: 'ERR_MEMORY' });
  });

  it('leaves room for 1,024 more keys by default', async () => {
    const pool = await poolOf({ threads: 1 });
    for (let i = 0; i < 64; i++) await pool.setHost(name(20, i), keys(16));
    await expect(pool.setHost('late.example', keys(1))).rejects.toThrow(' 1027 keys;');
    await threads.started[0]?.terminate();
    expect((await pool.verifyLines(issue(10).lines)).accepted).toBe(10);
  });

  it('holds hosts of any sizes that come and go', async () => {
    const MAX = 33;
    const pool = await poolOf({ hosts: {}, maxKeys: MAX });
    // One of each size that a record can have, then the most keys that can be changed at once.
    for (const bytes of [20, 60, 150, 300, 600, 1023]) {
      for (let i = 0; i < MAX; i++) await pool.setHost(name(bytes, i), keys(1));
      await pool.setHost(name(bytes, 0), keys(1));
      for (let i = 0; i < MAX; i++) await pool.removeHost(name(bytes, i));
    }
    await pool.setHost('a.example', keys(16));
    for (let i = 0; i < 17; i++) await pool.setHost(name(20, i), keys(1));
    const last = keys(16);
    await pool.setHost('a.example', last);
    // No thread was replaced, as one would be that had no room.
    expect(threads.started).toHaveLength(2);
    const issuer = await createIssuer({ hosts: { 'a.example': last[15]! }, clock });
    const tokens = Array.from({ length: 6000 }, () => issuer.issue('u@a.example'));
    expect(
      (
        await pool.verifyBatch(
          tokens.map(() => 'u@a.example'),
          tokens,
        )
      ).accepted,
    ).toBe(6000);
  });

  for (const maxKeys of [0, 2, 1.5, 100_001]) {
    it(`cannot be ${maxKeys} with three keys given`, async () => {
      await expect(poolOf({ hosts, maxKeys })).rejects.toMatchObject({
        code: 'ERR_OPTION',
        field: 'maxKeys',
      });
    });
  }
});
