import { setTimeout } from 'node:timers/promises';
import { Child, type RunOptions } from '../../../../tools/testbed/child.js';

/** A server that runs in a process of its own. */
export interface Server {
  /** One for each address that it listens at, in the order in which it said so. */
  readonly origins: readonly string[];
  stop(): Promise<void>;
}

const TURN_MS = 50;

/**
 * Starts a server on port 0, and waits until it has printed so many ports, each the first group of
 * `port`.
 */
export async function startServer(
  file: string,
  args: readonly string[],
  { port, count = 1, ...options }: RunOptions & { readonly port: RegExp; readonly count?: number },
): Promise<Server> {
  const child = new Child(file, args, options);
  let isOver = false;
  void child.ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const said = [...`${child.stdout}${child.stderr}`.matchAll(port)];
    if (said.length >= count) {
      return {
        origins: said.map(([, number]) => `http://127.0.0.1:${number}`),
        stop: () => child.stop(),
      };
    }
    await setTimeout(TURN_MS);
  }
  await child.stop();
  throw new Error(`${file} does not listen\n${child.stdout}${child.stderr}`);
}
