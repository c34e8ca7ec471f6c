import { describe, expect, it } from 'vitest';
import { createHmac, createIssuer } from '../../../src/index.js';
import { sharedCore } from '../../../src/wasm/core.js';
import { moduleNow } from '../../../src/wasm/module.js';
import { harness } from '../token/harness.js';
import { JID, KEYS, OTHER_KEYS, tokenOf, withWrongSignature } from '../token/reference.js';
import { contentsOf, memoryOf } from './memory-of.js';

const manyHosts = Array.from({ length: 2000 }, (_, i) => `${'x'.repeat(i % 200)}host${i}.example`);

/** Tokens of all kinds, long and short, good and bad. */
function* attempts(): Generator<readonly [string, string]> {
  for (let i = 0; i < 3000; i++) {
    const jid = `${'u'.repeat((i * 13) % 1022)}u@example.com`;
    const token = tokenOf({ jid, nonce: i });
    yield [jid, i % 3 === 0 ? withWrongSignature(token) : token];
    yield [`${jid}${'.'.repeat(i)}`, token.slice(0, i % 86)];
  }
}

describe('the core', () => {
  it('imports nothing from its host', () => {
    expect(WebAssembly.Module.imports(moduleNow())).toEqual([]);
  });

  it('exports only functions and its memory', () => {
    const kinds = WebAssembly.Module.exports(moduleNow()).map(
      ({ name, kind }) => `${kind} ${name}`,
    );
    expect(kinds.filter((kind) => !kind.startsWith('function '))).toEqual(['memory memory']);
  });
});

describe('memory', () => {
  it('does not grow while tokens are verified, one by one, in batches and as lines', async () => {
    const { made, memory } = await memoryOf(() => harness());
    const before = memory.buffer;
    for (const [jid, token] of attempts()) made.verifier.verify(jid, token);
    const all = [...attempts()];
    made.verifier.verifyBatch(
      all.map(([jid]) => jid),
      all.map(([, token]) => token),
    );
    made.verifier.verifyLines(all.map((line) => line.join('\t')).join('\n'));
    // Growing replaces the buffer.
    expect(memory.buffer).toBe(before);
  });

  it('does not grow while tokens are issued', async () => {
    const { made, memory } = await memoryOf(() => createIssuer({ hosts: { 'example.com': KEYS } }));
    const before = memory.buffer;
    for (let i = 0; i < 3000; i++) made.issue(`${'u'.repeat(i % 1023)}u@example.com`);
    expect(memory.buffer).toBe(before);
  });

  it('keeps its constants unchanged', async () => {
    const { made, memory } = await memoryOf(() => harness());
    const constants = contentsOf(memory).subarray(0, 2048);
    expect(constants.some((byte) => byte !== 0)).toBe(true);
    for (const [jid, token] of attempts()) made.verifier.verify(jid, token);
    expect(contentsOf(memory).subarray(0, 2048)).toEqual(constants);
    made.verifier.dispose();
    expect(contentsOf(memory).subarray(0, 2048)).toEqual(constants);
  });

  it('of removed hosts is used again', async () => {
    const { made, memory } = await memoryOf(() => harness());
    const { verifier } = made;
    const sizes = [];
    for (let round = 0; round < 5; round++) {
      for (const host of manyHosts) verifier.setHost(host, [KEYS, OTHER_KEYS]);
      for (const host of manyHosts) expect(verifier.removeHost(host)).toBe(true);
      sizes.push(memory.buffer.byteLength);
    }
    expect(new Set(sizes).size).toBe(1);
    expect(sizes[0]).toBeGreaterThan(2_000_000);
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });

  it('of rotated keys is used again', async () => {
    const { made, memory } = await memoryOf(() => harness());
    const { verifier } = made;
    verifier.setHost('example.com', [KEYS, OTHER_KEYS]);
    const before = memory.buffer;
    for (let i = 0; i < 20_000; i++)
      verifier.setHost('example.com', i % 2 ? [KEYS] : [OTHER_KEYS, KEYS]);
    expect(memory.buffer).toBe(before);
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });

  it('is not taken for refused keys', async () => {
    const { made, memory } = await memoryOf(() => harness());
    const before = memory.buffer;
    for (let i = 0; i < 20_000; i++) {
      expect(() =>
        made.verifier.setHost('other.example', [KEYS, { ...KEYS, otpSeed: '' }]),
      ).toThrow();
    }
    expect(memory.buffer).toBe(before);
  });

  it('of disposed HMAC keys is used again', () => {
    createHmac('SHA-512', 'first').dispose();
    const { memory } = sharedCore().calls;
    const before = memory.buffer;
    for (let i = 0; i < 50_000; i++) createHmac('SHA-512', `${i}`).dispose();
    expect(memory.buffer).toBe(before);
  });

  it('that grew with many hosts still serves, from text and from bytes', async () => {
    const { made, memory } = await memoryOf(() => harness());
    const before = memory.buffer;
    for (const host of manyHosts) made.verifier.setHost(host, KEYS);
    expect(memory.buffer).not.toBe(before);
    expect(before.byteLength).toBe(0);
    expect(made.verifier.verify(JID, tokenOf()).code).toBe('accepted');
    expect(made.verifier.verify(Buffer.from(JID), Buffer.from(tokenOf())).code).toBe('replayed');
    expect(made.verifier.verifyBatch([JID, JID], [tokenOf({ nonce: 1 }), tokenOf()]).accepted).toBe(
      1,
    );
  });
});
