import { Agent, request } from 'node:http';
import { createIssuer, HOST, HOSTS } from './served.js';

const CONNECTIONS = 16;
const DURATION_MS = 6000;

/** Asks so many times a second, whatever the answers take, and says how long they took. */
export async function halfLoad(url: string, perSecond: number) {
  const issuer = await createIssuer({ hosts: HOSTS });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const latenciesMs: number[] = [];
  const ask = (dueMs: number) =>
    new Promise<void>((resolve, reject) => {
      const jid = `alice@${HOST}`;
      const body = JSON.stringify({ jid, token: issuer.issue(jid) });
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      request(`${url}/v1/verify`, { method: 'POST', agent, headers }, (response) => {
        response.resume().once('end', () => {
          // From when it was due, so that a late start counts.
          latenciesMs.push(performance.now() - dueMs);
          resolve();
        });
      })
        .once('error', reject)
        .end(body);
    });
  const began = performance.now();
  const gapMs = 1000 / perSecond;
  const open: Promise<void>[] = [];
  for (let due = began; due < began + DURATION_MS; ) {
    while (due <= performance.now()) {
      open.push(ask(due));
      due += gapMs;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  agent.destroy();
  issuer.dispose();
  const sorted = latenciesMs.sort((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  return { perSecond: Math.round(perSecond), p50Ms: at(0.5), p99Ms: at(0.99) };
}
