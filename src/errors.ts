/** What went wrong outside the tokens themselves. A token or a JID never causes one of these. */
export type VerifierErrorCode =
  /** An option, a key or a host name is not usable; `field` says which. */
  | 'ERR_OPTION'
  /** This runtime lacks something that is needed, or forbids it; the message says what to do. */
  | 'ERR_ENGINE_UNAVAILABLE'
  /** The memory for keys or for the replay guard could not be had. */
  | 'ERR_MEMORY'
  /** A thread of a pool failed or died; the message says how. */
  | 'ERR_WORKER'
  /**
   * The store of a replay guard cannot be reached, refuses, or is not fit for it; `cause` is what
   * it said.
   */
  | 'ERR_STORE_FAILED'
  /** The object was disposed of: its keys are wiped. */
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
  /** What kind of fault it is. */
  readonly code: VerifierErrorCode;
  /**
   * The option at fault, as a path such as `hosts["example.com"].otpSeed`; only with `ERR_OPTION`.
   */
  readonly field: string | undefined;
  /** What is wrong with the field; only with a `field`. */
  readonly fault: string | undefined;
  /** What to write instead; only with a `field`. */
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
 * @param cause - `{ cause }`, where another error showed the fault.
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
 * Runs `make`, and gives the field of its error the name by which the user knows it.
 *
 * @param nameOf - Of a field such as `hosts["example.com"].otpSeed`, what the user wrote: the line
 *   of a file, an option of a command.
 * @throws {VerifierError} What `make` throws. An error without a field stays as it is.
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
 * Calls a listener of the caller's. An error that it throws is dropped, and so is a promise of it
 * that rejects: either would end the process.
 */
export function tell<E>(listener: ((problem: E) => unknown) | undefined, problem: E): void {
  try {
    Promise.resolve(listener?.(problem)).catch(() => {});
  } catch {}
}
