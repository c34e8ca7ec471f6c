/**
 * The kind of a fault of the configuration or the environment. A token or a JID never causes one.
 */
export type VerifierErrorCode =
  /** An option, a key or a host name is not usable. `field` names it. */
  | 'ERR_OPTION'
  /** This runtime lacks or forbids something that is needed. The message names a fix. */
  | 'ERR_ENGINE_UNAVAILABLE'
  /** There is not enough memory for keys or for the replay guard. */
  | 'ERR_MEMORY'
  /** A thread of a pool failed or died. The message says how. */
  | 'ERR_WORKER'
  /**
   * The store of a replay guard cannot be reached, refuses, or is not fit to be a guard. `cause`
   * has its error.
   */
  | 'ERR_STORE_FAILED'
  /** The object was disposed of, and its keys are wiped. */
  | 'ERR_DISPOSED';

/**
 * The one error type of this library, thrown for a fault of the configuration or of the
 * environment.
 *
 * The message names the field, the fault and the fix. It never contains a secret, a seed, a token
 * or a nonce.
 */
export class VerifierError extends Error {
  /** Always `VerifierError`. */
  override readonly name = 'VerifierError';
  /** The kind of fault. */
  readonly code: VerifierErrorCode;
  /**
   * The option at fault, as a path such as `hosts["example.com"].otpSeed`. Set only with
   * `ERR_OPTION`.
   */
  readonly field: string | undefined;
  /** What is wrong with the field. Set only with a `field`. */
  readonly fault: string | undefined;
  /** What to write instead. Set only with a `field`. */
  readonly fix: string | undefined;

  constructor(
    code: VerifierErrorCode,
    message: string,
    options: {
      field?: string | undefined;
      fault?: string | undefined;
      fix?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.field = options.field;
    this.fault = options.fault;
    this.fix = options.fix;
  }
}

/**
 * An `ERR_OPTION` whose message reads "field: fault; fix".
 *
 * @param cause - `{ cause }` if another error showed the fault.
 */
export function optionError(
  field: string,
  fault: string,
  fix: string,
  cause: { readonly cause?: unknown } = {},
): VerifierError {
  const parts = { field, fault, fix, ...cause };
  return new VerifierError('ERR_OPTION', `${field}: ${fault}; ${fix}`, parts);
}

/**
 * Runs `make`, and renames the field of its error to the name that the user knows.
 *
 * @param nameOf - Returns the user's name for a field such as `hosts["example.com"].otpSeed`: a
 *   field of a file, or an option of a command.
 * @throws {VerifierError} The error of `make`. An error without a field is not changed.
 */
export async function renamingFields<T>(
  nameOf: (field: string) => string,
  make: () => T | Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    const { field, fault, fix } = error;
    if (field === undefined || fault === undefined || fix === undefined) throw error;
    throw optionError(nameOf(field), fault, fix);
  }
}

/**
 * Calls a listener of the caller. Ignores its errors and rejected promises, because either would
 * end the process.
 */
export function tell<E>(listener: ((problem: E) => unknown) | undefined, problem: E): void {
  try {
    Promise.resolve(listener?.(problem)).catch(() => {});
  } catch {}
}
