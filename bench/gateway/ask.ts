// Sends requests with sessions over TCP or a unix socket, which wrk does not support. It uses 16
// connections with one request at a time on each. This client is slower than wrk. So it measures
// the server's processor time for an answer, and the answers a second of client and server
// together.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Served } from './served.js';
import type { Turn } from './wrk.js';

const CONNECTIONS = 16;

/**
 * Runs one turn.
 *
 * @param held - Sessions, one on each line.
 */
export async function askOver(served: Served, held: string, seconds: number): Promise<Turn> {
  const requests = held.split('\n').map((text) => Buffer.from(requestOf(text)));
  const { address } = served;
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = address.startsWith('unix:')
        ? connect(address.slice(5))
        : connect(Number(new URL(address).port), '127.0.0.1');
      await once(socket, 'connect');
      return socket.setNoDelay();
    }),
  );
  const beganCpu = served.cpuSeconds();
  const beganMs = performance.now();
  const untilMs = beganMs + seconds * 1000;
  let [answers, refused, at] = [0, 0, 0];
  const run = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      const next = () => socket.write(requests[at++ % requests.length]!);
      socket.on('error', reject);
      socket.on('data', (head) => {
        // An answer of `/auth` has only a head, and arrives in one piece.
        if (!head.toString('latin1', 9, 12).startsWith('2')) refused++;
        answers++;
        if (performance.now() < untilMs) next();
        else resolve();
      });
      next();
    });
  await Promise.all(sockets.map(run));
  const tookMs = performance.now() - beganMs;
  const cpuSeconds = served.cpuSeconds() - beganCpu;
  for (const socket of sockets) socket.destroy();
  return {
    perSecond: Math.round(answers / (tookMs / 1000)),
    cpuUs: (cpuSeconds * 1e6) / answers,
    refused,
    p50Us: 0,
    p99Us: 0,
  };
}

const requestOf = (session: string) =>
  `GET /auth HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: __Host-totp-token=${session}\r\n\r\n`;
