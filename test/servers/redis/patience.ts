/** Timeouts of a guard that waits for an answer, even on the slowest machine. */
export const PATIENT = { timeoutMs: 60_000, connectTimeoutMs: 60_000 };

/** Timeouts of a guard that must give up a server that hangs. */
export const HASTY = { timeoutMs: 400, connectTimeoutMs: 60_000 };
