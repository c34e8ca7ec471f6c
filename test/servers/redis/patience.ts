/** Of a guard that waits for an answer: as long as the slowest machine takes. */
export const PATIENT = { timeoutMs: 60_000, connectTimeoutMs: 60_000 };

/** Of a guard that is to give up a server that hangs. */
export const HASTY = { timeoutMs: 400, connectTimeoutMs: 60_000 };
