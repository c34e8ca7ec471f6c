/** What a worker and the process that leads it tell each other. Node's cluster and prom-client send messages of their own. */
export type Message =
  /** A worker is there and listens; then it is told of each session that ended, and is welcome. */
  | { readonly totpToken: 'hello' }
  | { readonly totpToken: 'welcome' }
  /** A worker serves, here. */
  | { readonly totpToken: 'listening'; readonly address: string }
  /** A session ended: of a worker, and passed on to all others. */
  | { readonly totpToken: 'ended'; readonly id: string; readonly until: number; readonly nowSeconds: number }
  /** A worker asks for the metrics of all. */
  | { readonly totpToken: 'metrics?'; readonly number: number }
  | { readonly totpToken: 'metrics'; readonly number: number; readonly text: string };

export const isMessage = (message: unknown): message is Message =>
  typeof message === 'object' && message !== null && 'totpToken' in message;
