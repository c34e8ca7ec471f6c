/** The Redis guard over a model of a server, whose clock can be moved. */
import { it } from 'vitest';
import { guardConformance } from '../../../../src/guards/conformance.js';
import type { Connection } from '../../../../src/guards/redis/connection.js';
import { RedisGuard } from '../../../../src/guards/redis/guard.js';
import { settingsOf } from '../../../../src/guards/redis/options.js';
import { ModelServer } from './model-server.js';

/** A server that answers at once. */
function store() {
  const server = new ModelServer(Date.now());
  const replies = async (commands: readonly (readonly string[])[]) =>
    commands.map((command) => server.reply(command));
  const connection: Connection = {
    isOpen: true,
    pipeline: replies,
    oneByOne: replies,
    close() {},
  };
  return {
    open: () =>
      new RedisGuard(settingsOf({ url: 'redis://127.0.0.1' }), { connect: async () => connection }),
    moveClock: (byMs: number) => server.moveClock(byMs),
  };
}

for (const { name, run } of guardConformance(store().open, { withClock: store })) it(name, run);
