import { VerifierError } from '../errors.js';

/**
 * The runtime's CSPRNG, as a function that fills an array.
 *
 * @param fix - What a caller can do where there is none, for the message.
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: no `crypto.getRandomValues`.
 */
export function systemRandom(fix: string): (target: Uint8Array<ArrayBuffer>) => unknown {
  // A runtime without it may lack the global too.
  const source = (globalThis as { readonly crypto?: Crypto }).crypto;
  if (typeof source?.getRandomValues !== 'function') {
    const advice = `this runtime has no crypto.getRandomValues; use one that has it (Node 20, any browser), or ${fix}`;
    throw new VerifierError('ERR_ENGINE_UNAVAILABLE', advice);
  }
  return (target) => source.getRandomValues(target);
}
