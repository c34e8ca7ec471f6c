/**
 * A listener of the caller's may be an async function: what it rejects with would end the process.
 */
import { describe, expect, it } from 'vitest';
import { tell, VerifierError } from '../../../src/errors.js';
import { Problems } from '../../../src/guards/problems.js';
import { createGuardedVerifier } from '../../../src/index.js';
import { HOSTS } from '../gateway/harness.js';
import { JID, PERIOD_MS, STEP, tokenOf } from '../token/reference.js';

/** Errors that nobody dealt with while `run` ran, and in the turn after it. */
async function unhandled(run: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => errors.push(error));
  try {
    await run();
    // Node looks for unhandled rejections once the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  }
  return errors;
}

const rejecting = async () => {
  throw new Error('a listener that rejects');
};

describe('a listener that rejects does not end the process', () => {
  it.each([
    ['it rejects', rejecting],
    [
      'it throws',
      () => {
        throw new Error('a listener that throws');
      },
    ],
    [
      'what it gives has a hostile then',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw new Error('no promise');
          },
        }),
    ],
    ['there is none', undefined],
  ])('when %s', async (_, listener) => {
    expect(await unhandled(() => tell(listener, 'problem'))).toEqual([]);
  });

  it('when a guard fails', async () => {
    const guard = { remember: () => Promise.reject(new Error('down')) };
    const clock = () => (STEP + 0.5) * PERIOD_MS;
    const verifier = await createGuardedVerifier({
      hosts: HOSTS,
      clock,
      guard,
      onGuardError: rejecting,
    });
    const errors = await unhandled(async () => {
      expect((await verifier.verify(JID, tokenOf())).code).toBe('guard-unavailable');
    });
    expect(errors).toEqual([]);
  });

  it('when a Redis server has a problem', async () => {
    const told: VerifierError[] = [];
    const problems = new Problems('redis', async (problem) => {
      told.push(problem);
      await rejecting();
    });
    expect(await unhandled(() => problems.tell('restart', 'it was restarted'))).toEqual([]);
    expect(told).toEqual([expect.any(VerifierError)]);
  });
});
