import type { Verified } from '../../../src/gateway/contract.js';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/gateway/index.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf } from '../token/reference.js';

export const HOSTS = { 'example.com': KEYS };
export const ISSUE_SECRET = 'i5Zr0sYkq7w2HnB4xV8cT1dM6pL3fG9a';

export interface Harness {
  readonly gateway: Gateway;
  /** The gateway's time, to be written to. */
  readonly clock: { timeMs: number };
  readonly told: Verified[];
  readonly events: string[];
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** A gateway without a server: it is asked by its `fetch`. */
export async function harness(options: GatewayOptions = {}): Promise<Harness> {
  const clock = { timeMs: (STEP + 0.5) * PERIOD_MS };
  const told: Verified[] = [];
  const events: string[] = [];
  const gateway = await createGateway({
    hosts: HOSTS,
    clock: () => clock.timeMs,
    replay: { capacity: 10_000 },
    observer: {
      verified: (event) => void told.push(event),
      batch() {},
      event: (name) => void events.push(name),
      fault: (where, error) => {
        throw new Error(`fault in ${where}`, { cause: error });
      },
    },
    ...options,
  });
  const ask = async (path: string, init?: RequestInit) =>
    gateway.fetch(new Request(`http://gateway.test${path}`, init));
  const post: Harness['post'] = (path, body, headers = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { gateway, clock, told, events, ask, post };
}

/** Has no run of digits that a log could contain by chance. */
let nonce = 73918462058317264950271836495027n;

/** A token that no test has used yet. */
export function freshToken(jid: string = JID, step: number = STEP): string {
  return tokenOf({ jid, step, nonce: String(nonce++) });
}

export const basic = (user: string, token: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
});

export const bearer = (text: string): Record<string, string> => ({
  authorization: `Bearer ${text}`,
});
