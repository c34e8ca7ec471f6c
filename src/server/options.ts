/** What both commands of the gateway are told. */
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
