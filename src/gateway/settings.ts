import type { LoginSettings } from './http/login.js';

/** A secret of an operator: 32 characters or more of printable ASCII. */
export const OPERATOR_SECRET = /^[!-~]{32,}$/;

/** How a gateway answers, and its limits. All times are in milliseconds, all sizes in bytes. */
export interface GatewaySettings extends LoginSettings {
  /**
   * Host of a Basic user without one: `alice` is then `alice@defaultHost`. Default: none, such a
   * user is refused.
   */
  readonly defaultHost?: string | undefined;
  /** The realm in `WWW-Authenticate`. Default `totp-token`. */
  readonly realm: string;
  /** Whether answers say why a token was rejected. Default false: all rejections are alike. */
  readonly reasons: boolean;
  /**
   * Whether `/auth` answers 200, with empty identity headers, to the preflights of browsers
   * (`OPTIONS` with `Access-Control-Request-Method`), so that the application answers them. Default
   * false.
   */
  readonly preflight: boolean;
  /**
   * The credential of `POST /v1/issue`, 32 characters or more. Default: none, the route is not
   * there.
   */
  readonly issueSecret?: string | undefined;
  /** Bounds of what a caller may send. */
  readonly limits: Limits;
}

/** Bounds of what one client may send. */
export interface Limits {
  /** Of a JSON or form body. Default 16 KiB. */
  readonly bodyBytes: number;
  /** Until a JSON or form body is there. Default 10 s. */
  readonly bodyMs: number;
  /** Of a batch. Default 16 GiB. */
  readonly batchBytes: number;
  /** Of a batch from its first to its last byte. Default one hour. */
  readonly batchMs: number;
  /** How long to wait for `batchIdleBytes` of a batch, or for its client to read. Default 30 s. */
  readonly batchIdleMs: number;
  /**
   * Bytes of whole lines that a batch must bring in each `batchIdleMs` of waiting. Default 4 KiB.
   */
  readonly batchIdleBytes: number;
  /** Batches at once; the next is answered 503. Default 8. */
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
