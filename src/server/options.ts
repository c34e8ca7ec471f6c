/** What both commands of the gateway are given as options; each comes before its field of the file. */
export interface GatewaySourceOptions {
  readonly config?: string;
  readonly keys?: string;
  readonly listen?: string;
  readonly workers?: string;
  readonly dovecot?: string;
}

export interface GatewayOptions extends GatewaySourceOptions {
  readonly dev?: boolean;
  readonly page?: string;
}
