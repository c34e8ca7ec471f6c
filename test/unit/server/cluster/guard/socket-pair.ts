import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

let number = 0;

/** Two ends of one channel, as a leader and its worker have them. Closed after the test. */
export async function socketPair(): Promise<[leader: Socket, worker: Socket]> {
  const path =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\totp-token-pair-${process.pid}-${++number}`
      : join(tmpdir(), `totp-token-pair-${process.pid}-${++number}.sock`);
  const server = createServer();
  await once(server.listen(path), 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const worker = connect(path);
  const [leader] = await accepted;
  server.close();
  rmSync(path, { force: true });
  onTestFinished(() => {
    for (const socket of [leader, worker]) socket.destroy();
  });
  return [leader, worker];
}
