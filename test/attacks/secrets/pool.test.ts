/**
 * The memory that a pool's threads share, and the keys that it keeps to start them: what is there
 * when a key has gone.
 */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createIssuer, generateKeys } from '../../../dist/index.js';
import { KnownHosts } from '../../../src/pool/known-hosts.js';
import { type DecodedKeys, decodedKeys } from '../../../src/token/host-keys.js';
import { verifierSettings } from '../../../src/token/options.js';
import { countIn, piecesOf } from '../../unit/assembly/key-pieces.js';
import { clock, closePools, poolOf } from '../../unit/pool/setup.js';
import { type Message, type Thread, watchThreads } from '../../unit/pool/threads.js';
import { decodeBase32 } from '../../unit/token/reference.js';
import { CANARY_KEYS } from './canaries.js';

vi.mock('../../../src/token/host-keys.js', { spy: true });

closePools();
const threads = watchThreads();

const JID = 'alice@example.com';
const PIECES = piecesOf(CANARY_KEYS, 'SHA-1');
/** Two midstates of 32 bytes and two of 20, in whole pieces: what a verifier works with. */
const MIDSTATES = 12;
const options = { hosts: { 'example.com': CANARY_KEYS }, replay: { capacity: 100 } };
const issuer = await createIssuer({ hosts: options.hosts, clock });

const startOf = ({ start }: Thread) => start as Required<Message>;
const memoryOfAll = () => startOf(threads.started[0]!).memory;
/** Whether a thread's region holds nothing at all. */
const isBlank = (thread: Thread) => {
  const { memory, region } = startOf(thread);
  return new Uint8Array(memory.buffer, region.start, region.bytes).every((byte) => byte === 0);
};

/** A pool whose threads have each used the key. */
async function usedPool() {
  const pool = await poolOf(options);
  for (let i = 0; i < 4; i++) {
    expect((await pool.verifyBatch([JID], [issuer.issue(JID)])).code(0)).toBe('accepted');
  }
  expect(countIn(memoryOfAll(), PIECES)).toBe(MIDSTATES);
  return pool;
}

describe('shared memory holds nothing of a key', () => {
  it('that was removed', async () => {
    const pool = await usedPool();
    await pool.removeHost('example.com');
    expect(countIn(memoryOfAll(), PIECES)).toBe(0);
  });

  it('that was rotated out', async () => {
    const pool = await usedPool();
    await pool.setHost('example.com', [generateKeys(), CANARY_KEYS]);
    expect(countIn(memoryOfAll(), PIECES)).toBe(MIDSTATES);
    await pool.setHost('example.com', generateKeys());
    expect(countIn(memoryOfAll(), PIECES)).toBe(0);
  });

  it('that was removed when its thread died', async () => {
    const pool = await usedPool();
    const dead = threads.started.slice();
    await Promise.all(dead.map((thread) => thread.terminate()));
    await pool.removeHost('example.com');
    for (let i = 0; i < 4; i++) {
      expect((await pool.verifyBatch([JID], [issuer.issue(JID)])).code(0)).toBe('unknown-host');
    }
    expect(threads.started).toHaveLength(4);
    expect(countIn(memoryOfAll(), PIECES)).toBe(0);
  });

  it('or of anything else, once the pool is closed', async () => {
    const pool = await usedPool();
    await pool.close();
    expect(threads.started.map(isBlank)).toEqual([true, true]);
    expect(countIn(memoryOfAll(), PIECES)).toBe(0);
  });

  it('or of anything else, once the pool is disposed of in the middle of its work', async () => {
    const pool = await usedPool();
    const tokens = Array.from({ length: 20_000 }, () => issuer.issue(JID));
    const running = pool.verifyBatch(
      tokens.map(() => JID),
      tokens,
    );
    const ended = threads.started.map((thread) => once(thread, 'exit'));
    pool.dispose();
    await expect(running).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    await Promise.all(ended);
    await pool.close();
    expect(threads.started.map(isBlank)).toEqual([true, true]);
  });
});

describe('the keys that a pool keeps to start threads', () => {
  const settings = verifierSettings({ hosts: options.hosts });
  /** As they were given, so that a test can see what becomes of them. */
  const kept = (): DecodedKeys[] =>
    vi.mocked(decodedKeys).mock.results.flatMap(({ value }) => value as DecodedKeys[]);
  const isWiped = ({ seed, secret }: DecodedKeys) =>
    [...seed, ...secret].every((byte) => byte === 0);

  for (const [end, act] of [
    ['are removed', (hosts) => void hosts.remove('example.com')],
    ['are rotated out', (hosts) => void hosts.set('example.com', generateKeys())],
    ['are closed with the pool', (hosts) => hosts.clear()],
  ] as readonly (readonly [string, (hosts: KnownHosts) => void])[]) {
    it(`are bytes that are wiped when they ${end}`, () => {
      vi.mocked(decodedKeys).mockClear();
      const hosts = new KnownHosts(settings, 10);
      const [first] = kept();
      expect([Buffer.from(first!.seed), Buffer.from(first!.secret)]).toEqual([
        decodeBase32(CANARY_KEYS.otpSeed),
        Buffer.from(CANARY_KEYS.tokenSecret),
      ]);
      act(hosts);
      expect(kept().map(isWiped)).toEqual(kept().map((_, i) => i === 0));
    });
  }

  it('are not kept when the pool has no room for them', () => {
    vi.mocked(decodedKeys).mockClear();
    const hosts = new KnownHosts(settings, 1);
    expect(() => hosts.set('new.example', CANARY_KEYS)).toThrow(/room for 1 keys/);
    expect(kept().map(isWiped)).toEqual([false, true]);
  });

  it('are handed over as a copy in one buffer, which is transferred', () => {
    const hosts = new KnownHosts(settings, 10);
    const { task, transfer } = hosts.all();
    expect(transfer).toHaveLength(1);
    structuredClone(task, { transfer });
    expect(transfer[0]!.byteLength).toBe(0);
    expect(hosts.all().transfer[0]!.byteLength).toBe(20 + CANARY_KEYS.tokenSecret.length);
  });
});
