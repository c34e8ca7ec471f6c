import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll } from 'vitest';
import { parseConfig } from '../../../src/server/config/parse.js';
import type { Loaded } from '../../../src/server/config/schema.js';
import { type RunningGateway, runGateway } from '../../../src/server/run.js';
import { HOSTS } from '../gateway/harness.js';
import { PERIOD_MS, STEP } from '../token/reference.js';

export interface Started {
  readonly running: RunningGateway & {
    /** As SIGHUP does. False: the configuration was refused. */
    reload(): Promise<boolean>;
  };
  readonly url: string;
  readonly port: number;
  readonly clock: { timeMs: number };
  /** What the next reload finds; a text is configuration. */
  next: Partial<Loaded> & { text?: string };
  /** Log lines so far. */
  log(): string;
  lines(): Record<string, unknown>[];
}

/** A gateway with its Node server on a free port, stopped after the tests of the file. */
export async function started(text = '', first: Partial<Loaded> = {}): Promise<Started> {
  // Tokens of the step in which it starts, and of the one after it, are stale by default.
  const clock = { timeMs: (STEP - 1.5) * PERIOD_MS };
  let log = '';
  const state: { next: Started['next'] } = { next: { text, ...first } };
  const load = (): Loaded => {
    const { text: config = text, ...loaded } = state.next;
    return {
      config: parseConfig(`listen = "127.0.0.1:0"\n${config}`, 'gateway.toml', {}),
      hosts: HOSTS,
      rules: {},
      sessionSecret: undefined,
      issueSecret: undefined,
      ...loaded,
    };
  };
  const running = await runGateway(load(), {
    log: {
      write: (line: string) => {
        log += line;
      },
    },
    version: '0.0.0',
    clock: () => clock.timeMs,
  });
  clock.timeMs = (STEP + 0.5) * PERIOD_MS;
  let isStopped = false;
  const stop = running.stop.bind(running);
  const once = () => {
    isStopped = true;
    return stop();
  };
  afterAll(async () => {
    if (!isStopped) await stop();
  });
  return {
    running: {
      ...running,
      stop: once,
      async reload() {
        try {
          await running.apply(load());
          return true;
        } catch (error) {
          running.refuse(error);
          return false;
        }
      },
    },
    url: running.address,
    port: Number(new URL(running.address).port),
    clock,
    get next() {
      return state.next;
    },
    set next(value) {
      state.next = value;
    },
    log: () => log,
    lines: () =>
      log
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

/** A connection that is written to by hand. */
export async function dial(
  port: number,
): Promise<{ socket: Socket; answer: () => string; closed: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => (answer += text));
  // Being cut off is what many of these wait for.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return { socket, answer: () => answer, closed };
}

/** Sends JSON. */
export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
