/**
 * `totp-token`: issues and verifies TOTP HMAC tokens. Runs the same in Node, browsers and edge
 * runtimes.
 *
 * @packageDocumentation
 */
export { VerifierError, type VerifierErrorCode } from './errors.js';
export type {
  GuardAnswer,
  GuardEvent,
  GuardEvents,
  GuardState,
  ReplayGuard,
  ReplayMark,
} from './guards/guard.js';
export {
  type Algorithm,
  type AlgorithmName,
  createHmac,
  type Hmac,
  hmac,
  hmacSha256,
} from './mac/hmac.js';
export { type HotpOptions, hotp } from './otp/hotp.js';
export type { OtpOptions, StepWindow, TotpOptions } from './otp/options.js';
export { type OtpauthKey, type OtpauthOptions, otpauthUri } from './otp/otpauth.js';
export { type ParseOtpauthOptions, parseOtpauthUri } from './otp/parse-otpauth.js';
export type { OtpSecret } from './otp/secret.js';
export { type TimeStepOptions, timeStep } from './otp/time-step.js';
export {
  type CreateTotpOptions,
  createTotp,
  type OtpGuard,
  type Totp,
  type TotpCodeOptions,
  type TotpUseOptions,
  type TotpVerdict,
  totp,
  type VerifyTotpOptions,
  verifyTotp,
} from './otp/totp.js';
export {
  type HotpResync,
  type HotpVerdict,
  type VerifyHotpOptions,
  verifyHotp,
} from './otp/verify-hotp.js';
export {
  createGuardedVerifier,
  type GuardedOptions,
  type GuardedVerifier,
} from './token/guarded/verifier.js';
export { generateKeys } from './token/host-keys.js';
export { createIssuer, type TokenIssuer } from './token/issuer.js';
export type {
  HostKeys,
  Hosts,
  IssuerOptions,
  NonceRange,
  ReplayOptions,
  TokenOptions,
  VerifierOptions,
} from './token/options.js';
export { type LineVerifier, verdictStream, verifyStream } from './token/stream/stream.js';
export {
  type Accepted,
  type RejectCode,
  type Rejected,
  VERDICT_CODES,
  type Verdict,
  type VerdictCode,
  type Verdicts,
} from './token/verdict.js';
export { createVerifier, type TokenVerifier } from './token/verifier.js';
export { type LoadOptions, loadCore } from './wasm/module.js';
