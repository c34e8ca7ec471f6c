// Every mutant, by what it is of.
import { CORE } from './core.mjs';
import { GUARD } from './guard.mjs';
import { GUARDED } from './guarded.mjs';
import { HASHING } from './hashing.mjs';
import { OTP } from './otp.mjs';
import { TOKEN } from './token.mjs';

/** @type {Readonly<Record<string, readonly import('./mutant.mjs').Mutant[]>>} */
export const MUTANTS = {
  hashing: HASHING,
  core: CORE,
  guard: GUARD,
  token: TOKEN,
  guarded: GUARDED,
  otp: OTP,
};
