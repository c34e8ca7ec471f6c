import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends one request byte for byte, so that no client normalises it, and waits for the end of the
 * connection.
 *
 * @param head - Request line and headers, without the empty line behind them; each character is one
 *   byte. `Connection: close` must be among them.
 */
export async function exchange(
  port: number,
  head: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  // A server may cut off a request that it refuses. The answer up to then counts.
  socket.on('error', () => {});
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'));
  await once(socket, 'close');
  return parsed(text);
}

function parsed(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const status = Number(first.split(' ')[1] ?? 0);
  return { status, headers: Object.fromEntries(pairs), body: text.slice(end + 4) };
}
