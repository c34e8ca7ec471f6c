/** What the process ends with. Scripts rely on these numbers. */
export const EXIT = {
  /** Done; of `verify` and `totp --check`: everything was accepted. */
  ok: 0,
  /** At least one token or code was rejected. */
  rejected: 1,
  /** The arguments, the keys, a file or the environment are not usable: nothing can be said about a token. */
  unusable: 2,
  /** A fault of this program. */
  internal: 70,
  /** The reader of the output went away, as `| head` does: 128 + SIGPIPE, what a shell shows for other programs. */
  brokenPipe: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
