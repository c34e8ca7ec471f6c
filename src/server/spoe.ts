import { type SpoeOptions, SpoeSession } from '../gateway/protocols/spoe.js';
import type { Config } from './config/schema.js';
import { type ProtocolHooks, ProtocolServer } from './protocol-server.js';

export interface SpoeHooks extends Pick<SpoeOptions, 'answer' | 'answered' | 'unreadable'> {
  /** A connection was turned away or cut off. */
  readonly refused: ProtocolHooks['refused'];
  /** Milliseconds since any fixed moment. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

/** Listens for HAProxy, which asks over its Stream Processing Offload Protocol. */
export class SpoeServer extends ProtocolServer {
  constructor(
    { connections }: Pick<Config['spoe'], 'connections'>,
    { answer, answered, unreadable, refused, clock }: SpoeHooks,
  ) {
    super({
      field: 'spoe.listen',
      connections,
      refused,
      clock,
      open: (connection) => new SpoeSession({ ...connection, answer, answered, unreadable }),
    });
  }
}
