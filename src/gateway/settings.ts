import type { LoginSettings } from './http/login.js';

/** A secret of an operator: 32 characters or more of printable ASCII. */
export const OPERATOR_SECRET = /^[!-~]{32,}$/;

/** The answers and limits of a gateway. Times are in milliseconds, and sizes in bytes. */
export interface GatewaySettings extends LoginSettings {
  /**
   * The host of a Basic user who gives no host: `alice` is then `alice@defaultHost`. Default: such
   * a user is refused.
   */
  readonly defaultHost?: string | undefined;
  /** The realm in `WWW-Authenticate`. Default `totp-token`. */
  readonly realm: string;
  /** Whether answers say why a token was rejected. Default false: all rejections look alike. */
  readonly reasons: boolean;
  /**
   * Whether `/auth` answers 200, with empty identity headers, to the preflights of browsers
   * (`OPTIONS` with `Access-Control-Request-Method`), so that the application answers them. Default
   * false.
   */
  readonly preflight: boolean;
  /**
   * The credential of `POST /v1/issue`, 32 characters or more. Default: the route does not exist.
   */
  readonly issueSecret?: string | undefined;
  /** Limits on a caller's input. */
  readonly limits: Limits;
}

/** Limits on one client's input. */
export interface Limits {
  /** The largest JSON or form body. Default 16 KiB. */
  readonly bodyBytes: number;
  /** How long a JSON or form body may take to arrive. Default 10 s. */
  readonly bodyMs: number;
  /** The largest batch. Default 16 GiB. */
  readonly batchBytes: number;
  /** How long a batch may take from its first to its last byte. Default one hour. */
  readonly batchMs: number;
  /**
   * How long the gateway waits for `batchIdleBytes` of a batch, or for its client to read. Default
   * 30 s.
   */
  readonly batchIdleMs: number;
  /**
   * How many bytes of whole lines must arrive within each `batchIdleMs` of waiting. Default 4 KiB.
   */
  readonly batchIdleBytes: number;
  /** The most batches at a time. The next is answered 503. Default 8. */
  readonly batches: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 16 * 1024,
  bodyMs: 10_000,
  batchBytes: 16 * 1024 ** 3,
  batchMs: 3_600_000,
  batchIdleMs: 30_000,
  batchIdleBytes: 4096,
  batches: 8,
};

export const DEFAULT_SETTINGS: GatewaySettings = {
  realm: 'totp-token',
  reasons: false,
  preflight: false,
  loginParameter: 'return_to',
  allowedOrigins: [],
  limits: DEFAULT_LIMITS,
};
