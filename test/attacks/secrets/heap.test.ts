/**
 * V8's heap after keys were handed in: a snapshot holds every string and every object that can be
 * reached, so a key that something still refers to is in it. What the Wasm memory holds is not:
 * test/unit/assembly/wiping.test.ts looks there.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY_KEYS } from './canaries.js';

const CHILD = fileURLToPath(new URL('heap-child.mjs', import.meta.url));
for (const kinds of ['verifier, guarded, issuer', 'pool']) {
  describe(`${kinds}: seed and secret`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'totp-token-heap-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    beforeAll(async () => {
      const child = spawn(process.execPath, [CHILD, kinds, folder], {
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      child.stdin.end(JSON.stringify(CANARY_KEYS));
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`ended with ${code}`);
    });

    /** In the heap of any thread. */
    const found = (name: string) => {
      const files = readdirSync(folder).filter((file) => file.startsWith(`${name}.`));
      const snapshots = files.map((file) => readFileSync(join(folder, file), 'utf8'));
      expect(snapshots).toHaveLength(kinds === 'pool' && name !== 'disposed' ? 3 : 1);
      return Object.values(CANARY_KEYS).map((key) =>
        snapshots.some((snapshot) => snapshot.includes(key)),
      );
    };

    it('are found while the program itself holds them', () =>
      expect(found('held')).toEqual([true, true]));
    it('are in no object once the program has let go of them, while the keys are in use', () =>
      expect(found('alive')).toEqual([false, false]));
    it('are in no object once they were rotated out', () =>
      expect(found('rotated')).toEqual([false, false]));
    it('are in no object after the end', () => expect(found('disposed')).toEqual([false, false]));
  });
}
