import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

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
  open.push(leader, worker);
  return [leader, worker];
}
